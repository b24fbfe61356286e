"""service/config.py: the configuration is read whole, or every fault is told at once."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from listfold.errors import ConfigError
from listfold.model import ListRule, OwnRule
from listfold.service.config import Settings, load

SAMPLE = Path(__file__).parents[2] / "config" / "listfold.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "listfold.toml"
    path.write_text(text)
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).split("\n")


def flat(tables: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in tables.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return found


def test_no_file_is_all_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no file at all listfold runs on this machine only, its data below the current directory."""
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert settings.smtp.listen == ("127.0.0.1:8025",)
    assert settings.lmtp.listen == ("unix:lmtp.sock",)
    assert settings.web.listen == ("127.0.0.1:8080",)
    assert settings.smtp.recipients == ("*",)
    assert settings.digest.periods == ("day", "week")
    assert settings.data_dir == tmp_path / "var"
    assert settings.loopback


def test_the_file_of_the_current_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --config, ./config/listfold.toml is read if there is one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    written(tmp_path / "config", '[digest]\nperiods = ["month"]')
    assert load().digest.periods == ("month",)


def test_the_sample_shows_every_key_with_its_default() -> None:
    """config/listfold.toml is the documentation of the keys: it names each one, with the code's default."""
    sample = flat(tomllib.loads(SAMPLE.read_text()))
    code = flat(Settings().model_dump(mode="json"))
    assert sample.pop("data_dir") == "./var"
    assert code.pop("data_dir") == "var"
    assert sample == code


def test_the_sample_list_is_valid(tmp_path: Path) -> None:
    """The example of lists.d can be copied and used, and shows every key."""
    (tmp_path / "lists.d").mkdir()
    text = (SAMPLE.parent / "lists.d" / "gardeners.toml.example").read_text()
    (tmp_path / "lists.d" / "gardeners.toml").write_text(text)
    assert load(written(tmp_path, "")).lists == (
        ListRule(
            id="gardeners.example.org",
            name="Gardeners",
            addresses=("archive+gardeners@archive.example.net",),
            aliases=("Gardeners", "gardeners@example.org"),
            post="gardeners@example.org",
            cleaning=(
                OwnRule(
                    "seed-shop",
                    "footer",
                    "seeds by mail from*example.org",
                    "Seeds by mail from the garden shop at shop.example.org",
                ),
            ),
        ),
    )
    assert set(tomllib.loads(text)) == {
        *("id", "name", "address", "aliases", "visibility", "raw", "no_archive", "post", "cleaning"),
    }


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Each fault is one line that names the file and the key."""
    path = written(
        tmp_path,
        'data_directory = "x"\nbase_url = "gopher://example.org"\n'
        '[smtp]\nlisten = ["localhost"]\nmax_size = "big"\n[digest]\ntimezone = "Mars/Olympus"\nperiods = ["hour"]\n',
    )
    told = faults(path)
    assert [line.split(": ")[:2] for line in told] == [
        [str(path), key]
        for key in ("base_url", "smtp.listen[0]", "smtp.max_size", "digest.periods[0]", "digest.timezone")
    ] + [[str(path), "data_directory"]]
    assert told[-1] == f"{path}: data_directory: unknown key"


def test_bad_toml_names_the_line(tmp_path: Path) -> None:
    """A fault of the language itself is told with its line."""
    path = written(tmp_path, 'data_dir = "var"\nsmtp = [\n')
    assert faults(path)[0].startswith(f"{path}: ")
    assert "line" in faults(path)[0] or "end of document" in faults(path)[0]


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """A file that is named has to be there."""
    assert faults(tmp_path / "none.toml") == [f"{tmp_path / 'none.toml'}: cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    "text",
    [
        '[smtp]\nlisten = ["0.0.0.0:25"]',
        '[smtp]\nlisten = ["systemd:smtp"]',
        '[lmtp]\nlisten = ["[2001:db8::1]:24"]',
        '[web]\nlisten = ["192.0.2.1:80"]',
        'base_url = "https://lists.example.org/"',
    ],
)
def test_everybody_as_recipient_needs_a_local_address(tmp_path: Path, text: str) -> None:
    """recipients = ["*"] on an address that strangers reach, or may reach, is an error."""
    told = faults(written(tmp_path, text))
    assert len(told) == 1
    assert "smtp.recipients: '*' takes mail for everybody" in told[0]
    named = text.replace("[smtp]\n", "") if "[smtp]" in text else ""
    rest = "" if named else text
    top, table = (rest, "") if rest.startswith("base_url") else ("", rest)
    fine = f'{top}\n[smtp]\n{named}\nrecipients = ["*@lists.example.org"]\n{table}'
    assert not load(written(tmp_path, fine)).loopback


@pytest.mark.parametrize("address", ["localhost:0", "[::1]:8025", "127.0.0.2:25", "unix:run/smtp.sock"])
def test_local_addresses(tmp_path: Path, address: str) -> None:
    """Loopback addresses and UNIX sockets are reached by this machine alone."""
    assert load(written(tmp_path, f'[smtp]\nlisten = ["{address}"]')).loopback


@pytest.mark.parametrize("address", ["8025", "localhost:", ":25", "::1:25", "localhost:65536", "unix:", "host:smtp"])
def test_bad_addresses(tmp_path: Path, address: str) -> None:
    """What is no address is told with the shapes that are."""
    assert faults(written(tmp_path, f'[web]\nlisten = ["{address}"]'))[0].startswith(
        f"{tmp_path / 'listfold.toml'}: web.listen[0]: '{address}' "
    )


def test_data_dir_of_the_command_line_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data overrides data_dir; relative ones are of the current directory."""
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, 'data_dir = "elsewhere"')
    assert load(path).data_dir == tmp_path / "elsewhere"
    assert load(path, Path("here")).data_dir == tmp_path / "here"
    assert load(path, Path("/srv/listfold")).data_dir == Path("/srv/listfold")


def test_data_dir_is_a_folder(tmp_path: Path) -> None:
    """Or it is to be made: a file there is told by its name and by who named it."""
    box = tmp_path / "garden.mbox"
    box.touch()
    with pytest.raises(ConfigError, match=f"^command line: data_dir: {box} is not a folder$"):
        load(None, box)
    path = written(tmp_path, f'data_dir = "{box}"')
    with pytest.raises(ConfigError, match=f"^{path}: data_dir: {box} is not a folder$"):
        load(path)


def test_base_url_ends_with_a_slash(tmp_path: Path) -> None:
    """Links are joined to it."""
    assert (
        load(written(tmp_path, 'base_url = "http://localhost:8080/lists"')).base_url == "http://localhost:8080/lists/"
    )


def test_lists_have_defaults(tmp_path: Path) -> None:
    """A list is named by its file when it has no id; one address needs no brackets; addresses are lower case."""
    (tmp_path / "lists.d").mkdir()
    (tmp_path / "lists.d" / "Beekeepers.toml").write_text('address = "Archive+Bees@example.net"')
    assert load(written(tmp_path, "")).lists == (ListRule(id="beekeepers", addresses=("archive+bees@example.net",)),)


def test_lists_that_clash_are_faults(tmp_path: Path) -> None:
    """An id and a recipient belong to one list; a list's faults name its file."""
    folder = tmp_path / "lists.d"
    folder.mkdir()
    (folder / "a.toml").write_text('id = "bees"\naddress = "bees@example.net"')
    (folder / "b.toml").write_text('id = "bees"\naddress = "bees@example.net"')
    (folder / "c.toml").write_text('id = "index.html"\nvisible = false')
    (folder / "d.toml").write_text('id = "../etc"\nvisibility = "secret"')
    told = faults(written(tmp_path, "colour = 1"))
    assert [line.split(": ")[:2] for line in told] == [
        [str(folder / "b.toml"), "id"],
        [str(folder / "b.toml"), "address"],
        [str(folder / "c.toml"), "id"],
        [str(folder / "c.toml"), "visible"],
        [str(folder / "d.toml"), "id"],
        [str(folder / "d.toml"), "visibility"],
        [str(tmp_path / "listfold.toml"), "colour"],
    ]


def test_settings_cannot_be_changed() -> None:
    """Rooms are handed values; nobody turns a knob behind the others' backs."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().base_url = "http://example.org/"  # type: ignore[misc]
