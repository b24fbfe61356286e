"""listfold: point a mailing list at it; get a clean, de-duplicated archive and a digest feed."""

__version__ = "0.1.0"
