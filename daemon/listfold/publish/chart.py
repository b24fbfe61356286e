"""Draws the volume of letters as a small inline SVG that needs no script and says its numbers to a screen reader."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

_HEIGHT = 84
_BASE = 66  # where the bars stand; labels below
_WIDTH = 720


def chart(volume: Sequence[tuple[str, int]]) -> Markup:
    """Bars with labels below them, thinned where there are many; the highest bar carries its number."""
    if not volume:
        return Markup("")
    most = max(number for _, number in volume)
    step = _WIDTH / len(volume)
    every = -(-len(volume) // 12)
    bars: list[str] = []  # strings, since Markup.format costs more than all else here; what is not ours is escaped
    for n, (label, number) in enumerate(volume):
        height = max(1.0, number * (_BASE - 16) / most) if most else 1.0
        wide = min(step * 0.72, 34.0)
        x = n * step + (step - wide) / 2
        bars.append(
            f'<rect class="{"full" if number else "none"}" x="{x:.1f}" y="{_BASE - height:.1f}" width="{wide:.1f}" '
            f'height="{height:.1f}" rx="1.5"><title>{escape(label)}: {number}</title></rect>'
        )
        if n % every == 0:
            bars.append(
                f'<text x="{n * step + step / 2:.1f}" y="{_HEIGHT - 4}" text-anchor="middle">{escape(label)}</text>'
            )
    top = next(n for n, (_, number) in enumerate(volume) if number == most)
    if most:
        bars.append(f'<text x="{top * step + step / 2:.1f}" y="10" text-anchor="middle">{most}</text>')
    told = ", ".join(f"{label} {number}" for label, number in volume if number) or "none"
    head = f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Letters: {escape(told)}">'
    return Markup(head + "".join(bars) + "</svg>")


def spark(months: Mapping[str, int], last: int = 24) -> Markup:
    """A sparkline of the newest months that have letters, gaps included; at most `last` of them."""
    if not months:
        return Markup("")
    year, month = map(int, max(months).split("-"))
    names = [f"{(year * 12 + month - 1 - n) // 12:04}-{(month - 1 - n) % 12 + 1:02}" for n in reversed(range(last))]
    most = max(months.get(name, 0) for name in names)
    bars = [
        f'<rect x="{n * 5}" y="{24 - height:.1f}" width="4" height="{height:.1f}"/>'
        for n, name in enumerate(names)
        if (height := 22 * months.get(name, 0) / most + (1 if months.get(name) else 0)) > 0
    ]
    head = f'<svg class="spark" viewBox="0 0 {last * 5} 24" role="img" aria-label="Letters by month up to {names[-1]}">'
    return Markup(f'{head}<rect class="ground" x="0" y="23" width="{last * 5}" height="1"/>{"".join(bars)}</svg>')
