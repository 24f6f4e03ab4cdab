"""A few small pictures in MSSpoof's layout, quick to prepare and easy to learn: attacks are striped."""

from pathlib import Path

import numpy as np

CLIENTS = {"train": (2, 4, 7, 9), "dev": (1, 3), "test": (13, 15)}
SIDE = 64
_LANDMARKS = "16\n" + "".join(f"{8 + 3 * n} {8 + 3 * n}\n" for n in range(16))


def msspoof(root: Path, seed: int = 0, attacks: int = 4) -> Path:
    """Write pictures of eight clients, five bona fide and `attacks` attacks each."""
    rng = np.random.default_rng(seed)
    for split, clients in CLIENTS.items():
        for client in clients:
            for shot in range(5):
                _write(root, f"real/VS/{split}/{client}_0_1_1_{shot}", _picture(rng, striped=False))
            for shot in range(attacks):
                _write(root, f"attack/VS/VS/{split}/{client}_1_vs_vs_1_{shot}", _picture(rng, striped=True))
    return root


def _picture(rng: np.random.Generator, *, striped: bool) -> np.ndarray:
    picture = rng.normal(rng.uniform(90, 160), 12, (SIDE, SIDE))
    if striped:
        picture += 40 * np.sign(np.sin(np.arange(SIDE) / 2 + rng.uniform(0, 6)))
    return picture.clip(0, 255).astype(np.uint8)


def _write(root: Path, stem: str, picture: np.ndarray) -> None:
    file, landmarks = root / f"images/{stem}.pgm", root / f"annotations/{stem}.pos"
    file.parent.mkdir(parents=True, exist_ok=True)
    landmarks.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"P5 %d %d 255\n" % (SIDE, SIDE) + picture.tobytes())
    landmarks.write_text(_LANDMARKS)


def plant_copy(root: Path) -> tuple[str, str]:
    """Put a training picture under a test client's name as well; return the two names."""
    names = "real/VS/train/2_0_1_1_0", "real/VS/test/13_0_1_1_3"
    original, copy = (root / f"images/{name}.pgm" for name in names)
    copy.write_bytes(original.read_bytes())
    return names
