"""The pictures of the README, made of the real screens: `python -m tests.pictures`, or script/pictures."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from engine import messages as m
from tests.tui.played.scenes import Scene, staged

FOLDER = Path(__file__).parent.parent / "docs"
SIZE = (120, 36)
SCENES = (
    Scene("tutor", "graph-j", "at-double"),
    Scene("boundary", "xor-training", "see-train", (m.Goto(1800),), keys=("4",)),
    Scene("jacobian", "jacobians", "two-tables"),
    Scene("four-ways", "four-ways", "the-valley", keys=("v",)),
)


async def picture(scene: Scene) -> Path:
    """The scene as docs/<name>.svg."""
    app, lead = staged(scene, "en")
    async with app.run_test(size=SIZE) as pilot:
        await lead(pilot)
        path = FOLDER / f"{scene.name}.svg"
        path.write_text(app.export_screenshot(title="dltutor"), "utf-8")
    return path


def main() -> None:
    """All pictures."""
    for scene in SCENES:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_STATE_HOME"] = folder  # a learner who has not been here before
            print(asyncio.run(picture(scene)))


if __name__ == "__main__":
    main()
