"""The version of the product, as its User-Agent and its pages tell it."""

VERSION = "0.1.0"
