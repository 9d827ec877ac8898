"""What a Word document holds and does not show: hidden runs, white or tiny ones, comments, descriptions, properties.

Only what a run says of itself is judged. White text in front of a shading, or in a table with a style of its own, is an
ordinary heading on a dark ground.
"""

from docx.oxml.ns import qn

from knowledge.formats.blocks import OUT, Block

TINY = 4  # half points: two points, which nobody reads
WHITES = ("FFFFFF", "FEFEFE", "FDFDFD")
COMMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
PROPERTIES = ("subject", "keywords", "comments", "category")


def hides(run):
    """How a run (w:r) is kept from being seen, in words that complete "It is …"; "" for one that is seen."""
    said = run.find(qn("w:rPr")) if run.tag == qn("w:r") else None
    if said is None:
        return ""
    if _is_on(said.find(qn("w:vanish"))):
        return "marked as hidden text"
    size, colour = said.find(qn("w:sz")), said.find(qn("w:color"))
    if size is not None and size.get(qn("w:val"), "").isdecimal() and int(size.get(qn("w:val"))) <= TINY:
        return f"written {int(size.get(qn('w:val'))) / 2:g} points high"
    if colour is not None and colour.get(qn("w:val"), "").upper() in WHITES and not _stands_on_dark(run):
        return "written in white"
    return ""


def find_left_out(document):
    """Blocks of what is no part of the text: comments in the margin, pictures' descriptions, properties."""
    found = []
    for relation in document.part.rels.values():
        if relation.reltype == COMMENTS and not relation.is_external:
            root = getattr(relation.target_part, "element", None)
            said = [] if root is None else root.findall(qn("w:comment"))
            found += [("in a comment", "".join(node.text or "" for node in one.iter(qn("w:t")))) for one in said]
    for picture in document.element.body.iter(qn("wp:docPr")):
        found.append(("a picture's description", picture.get("descr") or ""))
    for name in PROPERTIES:
        found.append(("in the file's properties", str(getattr(document.core_properties, name) or "")))
    return [Block(OUT, text, hidden=how) for how, text in found if text.strip()]


def _is_on(switch):
    return switch is not None and switch.get(qn("w:val"), "1") not in ("0", "false", "off")


def _stands_on_dark(run):
    """Whether something behind the run may be dark: a highlight, a shading, a table's style, a text box."""
    if run.find(f"{qn('w:rPr')}/{qn('w:highlight')}") is not None:
        return True
    for place in (run, *run.iterancestors()):
        for properties in ("w:rPr", "w:pPr", "w:tcPr", "w:tblPr"):
            shading = place.find(f"{qn(properties)}/{qn('w:shd')}")
            if shading is not None and shading.get(qn("w:fill"), "auto").upper() not in ("AUTO", *WHITES):
                return True
        if place.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}") is not None or place.tag.endswith("}txbxContent"):
            return True
    return False
