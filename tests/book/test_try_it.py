"""The page "Try it" in a real browser: real clicks, Python's scores, nothing sent anywhere."""

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from attacknet.chapters.try_it import Picture
from attacknet.explain import maps
from attacknet.preprocessing import Box, Preprocessing
from attacknet.runs import Run
from tests.book import tryit_page

pytestmark = pytest.mark.browser

DESKTOP = ViewportSize(width=1280, height=1600)
PARITY = 1e-4
LEAST_RATE = 25
PARTS = ["ink", "blur", "halftone", "grain", "backlight", "raster", "glare"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A toy network."""
    return tryit_page.toy_run(tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def network(run: Run) -> keras.Model:
    """The same network in Python."""
    return run.load()


@pytest.fixture(scope="module")
def html(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with the toy network."""
    made = tryit_page.parts(run, tryit_page.toy_pictures())
    return tryit_page.write(tmp_path_factory.mktemp("page"), made)


@pytest.fixture
def page(browser: Browser, html: Path) -> Iterator[Page]:
    """The page, opened from its file, offline; at the end it has asked nobody and stumbled nowhere."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    opened = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(html.as_uri())
    opened.wait_for_selector(".tryit:not([hidden])")
    yield opened
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []


def score(page: Page) -> float:
    """Return the score that is shown, with all its digits."""
    return float(page.locator('[data-tryit="score"]').get_attribute("value") or "nan")


def canvas(page: Page, name: str) -> np.ndarray:
    """Return the pixels of a canvas, RGB uint8."""
    told = page.evaluate(
        """name => {
          const canvas = document.querySelector(`[data-tryit="${name}"]`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let text = "";
          for (const byte of data) text += String.fromCharCode(byte);
          return [canvas.height, canvas.width, btoa(text)];
        }""",
        name,
    )
    height, width, text = told
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[..., :3]


def crop_of(image: np.ndarray, box: Box) -> np.ndarray:
    """Return the crop as the crops of the datasets are made."""
    return cv2.resize(np.ascontiguousarray(Preprocessing().crop(image, box)), (32, 32))


def python_score(network: keras.Model, crop: np.ndarray) -> float:
    """Return what Keras says of a crop."""
    return float(network(crop[np.newaxis] / np.float32(255), training=False)[0, 0])


def set_slider(page: Page, name: str, value: float) -> None:
    """Set a slider, as a drag of its thumb would."""
    page.locator(f'[data-tryit="{name}"]').fill(str(value))


@pytest.mark.parametrize("picture", tryit_page.toy_pictures(), ids=lambda picture: picture.name)
def test_scores_are_pythons(page: Page, network: keras.Model, picture: Picture) -> None:
    """A click on a picture: the same crop to the last bit, the same score within 1e-4."""
    page.click(f'button[data-picture="{picture.name}"]')
    crop = canvas(page, "crop")
    np.testing.assert_array_equal(crop, crop_of(picture.image, picture.box))
    assert score(page) == pytest.approx(python_score(network, crop), abs=PARITY)
    accepted = score(page) >= tryit_page.THRESHOLD
    expect(page.locator('[data-tryit="decision"]')).to_contain_text("bona fide" if accepted else "attack")
    expect(page.locator('[data-tryit="said"]')).to_contain_text(f"Score {score(page):.2f}")


def test_maps_are_those_of_chapter_5_4(page: Page, network: keras.Model) -> None:
    """Grad-CAM, derived by hand in the script, is what tf-keras-vis computes, for both classes."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    crops = np.concatenate([noise, [cv2.GaussianBlur(each, (0, 0), 3) for each in noise]])
    batch = crops / np.float32(255)
    decided = (maps.margins(network, batch) > 0).astype(np.int64)
    expected = maps.explain(network, batch, decided, method="grad-cam").coarse
    given = page.evaluate(
        """async crops => {
          const network = await tryIt.load(tryIt.model, tryIt.wasm);
          return crops.map((crop) => [...network.look(Uint8Array.from(crop)).map]);
        }""",
        crops.reshape(len(crops), -1).tolist(),
    )
    assert set(decided) == {0, 1}
    np.testing.assert_allclose(
        np.reshape(given, expected.shape), expected, rtol=1e-3, atol=1e-4 * expected.max()
    )


def test_crops_are_opencvs(page: Page) -> None:
    """Faces of any size and shape, down to a single pixel, are resized to the bit."""
    rng = np.random.default_rng(4)
    sizes = [(32, 32), (64, 64), (96, 160), (1, 1), (5, 300), *rng.integers(2, 250, (20, 2)).tolist()]
    for height, width in sizes:
        image = rng.integers(0, 256, (height + 9, width + 7, 3), dtype=np.uint8)
        box = Box(row=int(rng.integers(0, 9)), column=4, height=height, width=width)
        opaque = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
        given = page.evaluate(
            """([width, height, text, box]) => {
              const bytes = Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
              return [...tryIt.crop(new ImageData(bytes, width, height), box)];
            }""",
            [*image.shape[1::-1], base64.b64encode(opaque.tobytes()).decode(), box._asdict()],
        )
        np.testing.assert_array_equal(np.reshape(given, (32, 32, 3)), crop_of(image, box), str(box))


@pytest.mark.parametrize("attack", ["print", "replay"])
def test_simulations_grow_with_their_slider(page: Page, network: keras.Model, attack: str) -> None:
    """At 0 the picture is untouched; further up it changes more, the same after a reload; Python agrees."""
    picture = tryit_page.toy_pictures()[0]
    change = []
    for strength in (0.0, 0.3, 0.6, 1.0):
        set_slider(page, attack, strength)
        shown = canvas(page, "stage")
        change.append(np.abs(shown.astype(int) - picture.image).mean())
        crop = canvas(page, "crop")
        np.testing.assert_array_equal(crop, crop_of(shown, picture.box))
        assert score(page) == pytest.approx(python_score(network, crop), abs=PARITY)
    assert change[0] == 0
    assert change == sorted(change)
    assert change[-1] > 10
    at_first = canvas(page, "stage")
    page.reload()
    page.wait_for_selector(".tryit:not([hidden])")
    set_slider(page, attack, 1.0)
    np.testing.assert_array_equal(canvas(page, "stage"), at_first)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_a_simulation_does_something(page: Page, name: str) -> None:
    """With all parts but one switched off, the one is seen; with all off, nothing is."""
    picture = tryit_page.toy_pictures()[1]  # rough: a blur has no effect on a smooth one
    page.click('button[data-picture="rough"]')
    for attack in ("print", "replay"):
        set_slider(page, attack, 1)
    for other in PARTS:
        if other != name:
            page.uncheck(f'[data-part="{other}"]')
    assert np.abs(canvas(page, "stage").astype(int) - picture.image).mean() > 2
    page.uncheck(f'[data-part="{name}"]')
    np.testing.assert_array_equal(canvas(page, "stage"), picture.image)


def test_the_box_moves_by_pointer_and_by_keyboard(page: Page) -> None:
    """Dragging moves it, its corner resizes it, arrow keys do both; it never leaves the picture."""
    picture = tryit_page.toy_pictures()[0]
    shown = page.locator('[data-tryit="stage"]').bounding_box()
    assert shown
    pixel = shown["width"] / picture.image.shape[1]
    frame = page.locator('[data-tryit="frame"]').bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 5 * pixel, frame["y"] + 5 * pixel)
    page.mouse.down()
    page.mouse.move(frame["x"] + 15 * pixel, frame["y"] + 9 * pixel)
    page.mouse.up()
    moved = picture.box._replace(row=picture.box.row + 4, column=picture.box.column + 10)
    np.testing.assert_array_equal(canvas(page, "crop"), crop_of(picture.image, moved))
    page.locator("details summary").press("Enter")
    page.locator('[data-tryit="column"]').press("ArrowLeft")
    page.locator('[data-tryit="height"]').press("ArrowRight")
    keyed = moved._replace(column=moved.column - 1, height=moved.height + 1)
    np.testing.assert_array_equal(canvas(page, "crop"), crop_of(picture.image, keyed))
    corner = page.locator('[data-tryit="corner"]').bounding_box()
    assert corner
    page.mouse.move(corner["x"] + 3, corner["y"] + 3)
    page.mouse.down()
    page.mouse.move(shown["x"] + 10 * shown["width"], shown["y"] + 10 * shown["height"])
    page.mouse.up()
    height, width = picture.image.shape[:2]
    np.testing.assert_array_equal(canvas(page, "crop"), crop_of(picture.image, Box(0, 0, height, width)))


def test_a_picture_of_ones_own(page: Page, network: keras.Model, tmp_path: Path) -> None:
    """A file is read, scaled down if it is large, and scored where the box stands."""
    image = tryit_page.toy_pictures()[1].image
    for name, scale in (("small.png", 1), ("large.png", 5)):
        cv2.imwrite(str(tmp_path / name), cv2.resize(image, None, fx=scale, fy=scale))
        page.set_input_files('[data-tryit="file"]', tmp_path / name)
        side = min(400, scale * image.shape[1])
        page.wait_for_function(
            "([side]) => document.querySelector('[data-tryit=stage]').width === side", arg=[side]
        )
        box = Box(
            *(
                int(page.locator(f'[data-tryit="{s}"]').input_value())
                for s in ("row", "column", "height", "width")
            )
        )
        crop = canvas(page, "crop")
        np.testing.assert_array_equal(crop, crop_of(canvas(page, "stage"), box))
        assert score(page) == pytest.approx(python_score(network, crop), abs=PARITY)
        assert page.locator('[data-tryit="complaint"]').inner_text() == ""
    assert page.locator('[aria-pressed="true"]').count() == 0


def test_files_that_are_no_use_are_refused_in_words(page: Page, tmp_path: Path) -> None:
    """Neither text nor a picture of a few pixels is scored; the picture that was there stays."""
    before = score(page)
    (tmp_path / "letter.txt").write_text("no picture")
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((9, 40, 3), np.uint8))
    complaint = page.locator('[data-tryit="complaint"]')
    page.set_input_files('[data-tryit="file"]', tmp_path / "letter.txt")
    expect(complaint).to_contain_text("letter.txt: not a picture that this browser can read")
    page.set_input_files('[data-tryit="file"]', tmp_path / "dot.png")
    expect(complaint).to_contain_text("dot.png: 40×9 pixels")
    assert score(page) == before


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("NotAllowedError", "not allowed"),
        ("NotFoundError", "no camera"),
        ("AbortError", "did not start: so."),
    ],
)
def test_a_camera_that_does_not_start_is_told_in_words(page: Page, fault: str, words: str) -> None:
    """Without leave or without a camera the page says which, and works on."""
    page.evaluate(
        """name => {
          navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("so", name); };
        }""",
        fault,
    )
    complaint = page.locator('[data-tryit="complaint"]')
    page.click('[data-tryit="camera"]')
    expect(complaint).to_contain_text(words)
    page.click('button[data-picture="rough"]')
    expect(complaint).to_have_text("")


def test_the_camera_runs_at_25_pictures_a_second(page: Page) -> None:
    """On Chromium's artificial camera, all steps and a simulation included; stopped, it is let go."""
    set_slider(page, "replay", 0.5)
    page.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (what) => (window.given = await ask(what));
        }"""
    )
    page.click('[data-tryit="camera"]')
    page.wait_for_function(
        "least => parseFloat(document.querySelector('[data-tryit=rate]').textContent.slice(2)) >= least",
        arg=LEAST_RATE,
    )
    page.click('[data-tryit="camera"]')
    assert page.evaluate("given.getTracks().map((track) => track.readyState)") == ["ended"]
    expect(page.locator('[data-tryit="camera"]')).to_have_text("Start the camera")


def test_without_scripts_the_figure_stands(browser: Browser, html: Path) -> None:
    """Pictures and Python's scores are there, and no control that does nothing."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(html.as_uri())
    assert page.locator(".tryit-pictures img:visible").count() == len(tryit_page.toy_pictures())
    assert "score 0.5000" in page.locator(".tryit-pictures").inner_text()
    assert page.locator("button:visible, input:visible").count() == 0
    context.close()


def test_the_books_page_gives_the_scores_of_its_figure(browser: Browser, site: Path) -> None:
    """In the built book, what stands under a stand-in was computed by Python; a click gives it again."""
    page = browser.new_page()
    page.goto((site / "book" / "try_it.html").as_uri())
    page.wait_for_selector(".tryit:not([hidden])")
    scored = page.locator(".tryit-pictures button", has_text="score")
    assert scored.count() > 1
    for number in range(scored.count()):
        scored.nth(number).click()
        printed = float(scored.nth(number).inner_text().rpartition("score")[2])
        assert score(page) == pytest.approx(printed, abs=PARITY)
    page.close()
