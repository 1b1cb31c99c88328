"""The product's version, shown in its User-Agent and on its pages."""

VERSION = "0.1.0"
