"""The icons: a table of figures, their drawing, and the drawn pictures."""
