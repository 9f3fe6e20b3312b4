"""Small drawings of a head in each abnormal posture, in the style of the neck map."""

from dataclasses import dataclass

from planning.course.models.findings import Posture, PostureSide

DEGREES = 22
SHIFT = 9
NECK_BASE, NECK_TOP = 52, 37
CENTRE = {"front": 32, "profile": 36}  # of the neck, in each view; the profile faces left


@dataclass(frozen=True)
class HeadDrawing:
    """The drawing shows the patient's right; the left is its mirror image."""

    view: str
    neck: str
    turned: int = 0
    whole: str = ""
    head: str = ""
    moves: str = "head"
    mirrored: bool = False


def _neck(view, lean=0):
    centre = CENTRE[view]
    return (
        f"M{centre - 7 + lean},{NECK_TOP} L{centre - 8},{NECK_BASE} L{centre + 8},{NECK_BASE} "
        f"L{centre + 7 + lean},{NECK_TOP} Z"
    )


def _drawing(view, moves, **parts):
    return HeadDrawing(view=view, moves=moves, **{"neck": _neck(view), **parts})


def _bent(view, degrees, *, at_the_neck):
    """Bent at the base of the neck (-collis), or at the head upon the neck (-caput)."""
    if at_the_neck:
        return _drawing(view, "neck", whole=f"rotate({degrees} {CENTRE[view]} {NECK_BASE})")
    return _drawing(view, "head", head=f"rotate({degrees} {CENTRE[view]} {NECK_TOP})")


def _shifted(view):
    return _drawing(view, "neck", neck=_neck(view, -SHIFT), head=f"translate({-SHIFT} 0)")


DRAWINGS = {
    Posture.TORTICOLLIS: _drawing("front", "neck", turned=-6),
    Posture.TORTICAPUT: _drawing("front", "head", turned=-6),
    Posture.LATEROCOLLIS: _bent("front", -DEGREES, at_the_neck=True),
    Posture.LATEROCAPUT: _bent("front", -DEGREES, at_the_neck=False),
    Posture.ANTECOLLIS: _bent("profile", -DEGREES, at_the_neck=True),
    Posture.ANTECAPUT: _bent("profile", -DEGREES, at_the_neck=False),
    Posture.RETROCOLLIS: _bent("profile", DEGREES, at_the_neck=True),
    Posture.RETROCAPUT: _bent("profile", DEGREES, at_the_neck=False),
    Posture.LATERAL_SHIFT: _shifted("front"),
    Posture.SAGITTAL_SHIFT: _shifted("profile"),
}


def head_drawing(posture, side):
    drawing = DRAWINGS[Posture(posture)]
    return HeadDrawing(**{**drawing.__dict__, "mirrored": side == PostureSide.LEFT})
