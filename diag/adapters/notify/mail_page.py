"""A letter as the HTML part of a mail: tables and inline styles, because mail programs know little else.

Colours are given twice: inline for programs that ignore style sheets, and for dark backgrounds in one. Text of the
tenant is escaped and stands in ``bdi``. Nothing is loaded: no images, fonts or scripts.
"""

from html import escape

from diag.adapters.notify.letter import Letter, Line, Part, fitting

_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE, _CARD, _LINE, _TEXT, _DIM, _ACCENT = "#f4f4f7", "#ffffff", "#e3e4ea", "#1b1d26", "#585d6d", "#3f43c4"
_DARK = (
    "@media (prefers-color-scheme: dark){"
    ".page{background:#101117!important}.card{background:#171921!important;border-color:#2b2f3b!important}"
    ".text{color:#e9eaf0!important}.dim{color:#a4a9b8!important}.line{border-color:#2b2f3b!important}"
    ".link{color:#a7abff!important}.button{background:#8d92ff!important;color:#10112b!important}}"
)
_BUDGET = 90 * 1024
"""Characters of all lines; some mail programs cut a mail at 102 KB."""
_MOST_LINES = 1000
_BREAK = "overflow-wrap:anywhere;word-break:break-word"


def page(letter: Letter, *, home: str, sample: bool) -> str:
    """The whole HTML document; ``home`` is this service's own address."""
    banner = (
        f'<p class="dim" style="margin:0 0 12px;font-size:13px;color:{_DIM}">'
        "Sample tenant: everything in this message is invented.</p>"
        if sample
        else ""
    )
    head = "" if len(letter.parts) == 1 else _heading(letter.subject, 20)
    parts = "".join(_part(part, level=20 if len(letter.parts) == 1 else 16) for part in letter.parts)
    if letter.actions:
        links = " &nbsp; ".join(_anchor(action.title, action.url) for action in letter.actions)
        parts += f'<p style="margin:14px 0 0">{links}</p>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(letter.subject)}</title><style>:root{{color-scheme:light dark}}{_DARK}</style></head>"
        f'<body class="page" style="margin:0;padding:0;background:{_PAGE}">'
        f'<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="background:{_PAGE}"><tr><td align="center" style="padding:20px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="max-width:640px;table-layout:fixed"><tr>'
        f'<td class="card" style="background:{_CARD};border:1px solid {_LINE};border-radius:10px;padding:24px;'
        f'text-align:left;{_FONT};font-size:15px;line-height:1.5;color:{_TEXT};{_BREAK}">'
        f"{banner}{head}{parts}</td></tr><tr>"
        f'<td class="dim" style="padding:14px 24px;{_FONT};font-size:13px;line-height:1.5;color:{_DIM};{_BREAK}">'
        f"Written by aadsts-diag at {_anchor(home, home)}. Nobody reads what is answered to this address."
        "</td></tr></table></td></tr></table></body></html>"
    )


def _part(part: Part, *, level: int) -> str:
    facts = "".join(_fact(line) for line in part.lines[:_MOST_LINES] if line.label)
    table = (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="margin:0 0 16px">{facts}</table>'
        if facts
        else ""
    )
    others = [_paragraph(line) for line in part.lines if not line.label]
    rest = "".join(fitting(others, len, _BUDGET, _more, most=_MOST_LINES))
    button = (
        f'<p style="margin:18px 0 6px"><a class="button" href="{escape(part.url, quote=True)}" '
        f'style="display:inline-block;background:{_ACCENT};color:#ffffff;text-decoration:none;font-weight:600;'
        'padding:10px 18px;border-radius:6px">Open in aadsts-diag</a></p>'
        if part.url
        else ""
    )
    return f"{_heading(part.subject, level)}{table}{rest}{button}"


def _heading(text: str, size: int) -> str:
    tag = "h1" if size >= 20 else "h2"
    return (
        f'<{tag} class="text" style="margin:0 0 14px;font-size:{size}px;line-height:1.3;font-weight:650;color:{_TEXT}">'
        f"<bdi>{escape(text)}</bdi></{tag}>"
    )


def _fact(line: Line) -> str:
    # One below the other: two columns would leave half of a narrow screen to the labels.
    return (
        f'<tr><td class="line" style="padding:8px 0;border-top:1px solid {_LINE};{_BREAK}">'
        f'<span class="dim" style="font-size:13px;color:{_DIM}"><bdi>{escape(line.label)}</bdi></span><br>'
        f'<span class="text" style="color:{_TEXT}"><bdi>{escape(line.text)}</bdi></span></td></tr>'
    )


def _paragraph(line: Line) -> str:
    if line.heading:
        return f'<p class="text" style="margin:16px 0 8px;font-weight:600;color:{_TEXT}">{escape(line.text)}</p>'
    number = f"{line.number}.&nbsp;" if line.number else ""
    text = _anchor(line.text, line.url) if line.url else f"<bdi>{escape(line.text)}</bdi>"
    detail = (
        f'<br><span class="dim" style="font-size:13px;color:{_DIM}"><bdi>{escape(line.detail)}</bdi></span>'
        if line.detail
        else ""
    )
    return f'<p class="text" style="margin:0 0 8px;color:{_TEXT}">{number}{text}{detail}</p>'


def _more(sentence: str) -> str:
    return f'<p class="dim" style="margin:0 0 8px;color:{_DIM}">{escape(sentence)}</p>'


def _anchor(text: str, url: str) -> str:
    return f'<a class="link" href="{escape(url, quote=True)}" style="color:{_ACCENT}"><bdi>{escape(text)}</bdi></a>'
