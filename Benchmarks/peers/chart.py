"""Bars of medians as an SVG file that is readable on light and dark pages."""

from xml.sax.saxutils import escape

WIDTH, NAMES, NUMBERS = 760, 170, 80
BAR, GAP, TITLE, SPACE = 16, 5, 26, 16

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.limn { fill: #d9480f }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .limn { fill: #ff7a3d }
  .other { fill: #6e7681 }
}
"""


def draw(groups):
    """The file's text. Groups are (title, [(name, milliseconds)]); bars of one group have one scale, fastest first."""
    parts, y = [], 0
    for title, bars in groups:
        parts.append(f'<text class="title" x="0" y="{y + 15}">{escape(title)}</text>')
        y += TITLE
        longest = max(value for _, value in bars)
        for name, value in sorted(bars, key=lambda bar: bar[1]):
            length = (WIDTH - NAMES - NUMBERS) * value / longest
            kind = "limn" if name.startswith("limn") else "other"
            parts += [
                f'<text x="{NAMES - 8}" y="{y + 13}" text-anchor="end">{escape(label(name))}</text>',
                f'<rect class="{kind}" x="{NAMES}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>',
                f'<text x="{NAMES + length + 6:.1f}" y="{y + 13}">{number(value)}</text>',
            ]
            y += BAR + GAP
        y += SPACE
    y -= SPACE
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">',
        "<title>Medians of Limn and other engines, less is faster</title>",
        f"<style>{STYLE}</style>", *parts, "</svg>", "",
    ])


LABELS = {
    "limn": "Limn", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "opencv": "OpenCV DNN", "torch": "PyTorch",
    "torchvision": "PyTorch",
}


def label(name):
    """The name for readers, without its precision, which the title says unless it is autocast."""
    engine = name.rpartition("-")[0] or name
    return LABELS.get(engine, engine)


def number(milliseconds):
    return f"{milliseconds:.1f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s"
