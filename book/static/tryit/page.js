// The page "Try it": pictures, box, simulations and result. Without this script the page shows its static figure.
(async () => {
  const { crop, simulate, load, model, wasm, threshold, boxes } = window.tryIt;
  const app = document.querySelector(".tryit");
  const gallery = document.querySelector(".tryit-pictures");
  const part = (name) => app.querySelector(`[data-tryit="${name}"]`);

  // Longer sides of a reader's own picture, in pixels: more is scaled down, or refused.
  const WORKING_SIDE = 400;
  const MOST_PIXELS = 60e6;
  const SMALLEST_BOX = 8;
  const SIDE = 32;
  const MAP_SIDE = 16;
  // Where a face is looked for in a reader's own picture, as shares of its height.
  const OWN_BOX = { height: 0.6, width: 0.45 };
  const TIMED = 30;
  // A screen reader is told the score at most so often.
  const SAID_EVERY_MS = 1500;

  const source = document.createElement("canvas");
  const sourceContext = source.getContext("2d", { willReadFrequently: true });
  const stage = part("stage");
  const stageContext = stage.getContext("2d");
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;

  let network;
  let box;
  let camera = null;
  let times = [];
  let shownAt = [];
  let saying = null;

  // --- From the picture to the result ------------------------------------------------------------------------------

  const strengths = () => ({ print: Number(part("print").value), replay: Number(part("replay").value) });
  const chosenParts = () => new Set([...app.querySelectorAll("[data-part]:checked")].map((each) => each.dataset.part));

  function update() {
    if (!box) return;
    const began = performance.now();
    const picture = sourceContext.getImageData(0, 0, source.width, source.height);
    simulate(picture, strengths(), chosenParts());
    const pixels = crop(picture, box);
    const asked = performance.now();
    const seen = network.look(pixels);
    const answered = performance.now();
    stageContext.putImageData(picture, 0, 0);
    drawCrop(part("crop"), pixels);
    drawMap(part("map"), pixels, seen.map);
    showScore(seen);
    showTimes(answered - asked, performance.now() - began);
  }

  function drawCrop(canvas, pixels) {
    const picture = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) picture.data.set([...pixels.subarray(3 * i, 3 * i + 3), 255], 4 * i);
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  // Orange over grey, as strong as the map's cell is of its largest.
  function drawMap(canvas, pixels, map) {
    const most = Math.max(...map) || 1;
    const picture = new ImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const cell = MAP_SIDE * Math.floor(i / SIDE / 2) + Math.floor((i % SIDE) / 2);
      const share = 0.85 * (map[cell] / most);
      const grey = 0.299 * pixels[3 * i] + 0.587 * pixels[3 * i + 1] + 0.114 * pixels[3 * i + 2];
      const mixed = [230, 159, 0].map((colour) => grey + share * (colour - grey));
      picture.data.set([...mixed, 255], 4 * i);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }

  function showScore({ score, margin }) {
    const accepted = score >= threshold;
    part("score").value = score;
    part("score").textContent = score.toFixed(4);
    part("bar").style.width = `${100 * score}%`;
    part("decision").textContent = accepted ? "accepted as bona fide" : "rejected as an attack";
    part("decision").dataset.accepted = accepted;
    part("odds").textContent = `${margin > 0 ? "−" : "+"}${Math.abs(margin).toFixed(1)}`;
    part("likelier").textContent = margin > 0 ? "attack" : "bona fide";
    saying ??= setTimeout(say, SAID_EVERY_MS);
  }

  function say() {
    saying = null;
    part("said").textContent = `Score ${Number(part("score").value).toFixed(2)}, ${part("decision").textContent}.`;
  }

  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

  function showTimes(networkMs, wholeMs) {
    times = [...times, { networkMs, wholeMs }].slice(-TIMED);
    shownAt = camera ? [...shownAt, performance.now()].slice(-TIMED) : [];
    part("network-ms").textContent = median(times.map((each) => each.networkMs)).toFixed(1);
    part("whole-ms").textContent = median(times.map((each) => each.wholeMs)).toFixed(1);
    const rate = (1000 * (shownAt.length - 1)) / (shownAt.at(-1) - shownAt[0]);
    part("rate").textContent = shownAt.length === TIMED ? `, ${rate.toFixed(0)} pictures a second` : "";
  }

  // --- Pictures ----------------------------------------------------------------------------------------------------

  // Show a picture; its `face` is in its own pixels, so that it is not scaled. Without one it may be of any size.
  function begin(image, width, height, face) {
    complain("");
    const scale = face ? 1 : Math.min(1, WORKING_SIDE / Math.max(width, height));
    source.width = Math.round(width * scale);
    source.height = Math.round(height * scale);
    [stage.width, stage.height] = [source.width, source.height];
    sourceContext.drawImage(image, 0, 0, source.width, source.height);
    times = [];
    place(face ?? middle());
    update();
  }

  function middle() {
    const height = Math.round(OWN_BOX.height * source.height);
    const width = Math.min(Math.round(OWN_BOX.width * source.height), source.width);
    return { height, width, row: (source.height - height) >> 1, column: (source.width - width) >> 1 };
  }

  function choose(button) {
    for (const each of gallery.querySelectorAll("button")) each.setAttribute("aria-pressed", each === button);
    if (!button) return;
    stopCamera();
    const image = button.querySelector("img");
    begin(image, image.naturalWidth, image.naturalHeight, boxes[button.dataset.picture]);
  }

  async function open(file) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
    } catch {
      complain(`${file.name}: not a picture that this browser can read. Choose a JPEG, PNG or WebP file.`);
      return;
    } finally {
      URL.revokeObjectURL(image.src);
    }
    const { naturalWidth: width, naturalHeight: height } = image;
    if (width * height > MOST_PIXELS || Math.min(width, height) < SIDE) {
      complain(
        `${file.name}: ${width}×${height} pixels. Choose a picture with sides of at least ${SIDE} pixels and ` +
          `at most ${MOST_PIXELS / 1e6} million pixels in all.`,
      );
      return;
    }
    stopCamera();
    choose(null);
    begin(image, width, height);
    part("box").open = true;
  }

  // --- Camera ------------------------------------------------------------------------------------------------------

  const CAMERA_FAULTS = {
    NotAllowedError: "The camera was not allowed. Allow it in the browser's settings for this page, and press again.",
    NotFoundError: "This device has no camera that the browser can find.",
    NotReadableError: "The camera is in use by another program. Close that program, and press again.",
  };

  async function startCamera() {
    complain("");
    if (!navigator.mediaDevices) {
      complain("The browser gives this page no camera. Open the page from a file, or through https.");
      return;
    }
    part("camera").disabled = true;
    try {
      camera = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" },
      });
    } catch (error) {
      complain(CAMERA_FAULTS[error.name] ?? `The camera did not start: ${error.message}.`);
      return;
    } finally {
      part("camera").disabled = false;
    }
    const [track] = camera.getVideoTracks();
    track.addEventListener("ended", () => {
      stopCamera();
      complain("The camera was switched off or taken away.");
    });
    video.srcObject = camera;
    await video.play();
    choose(null);
    part("camera").textContent = "Stop the camera";
    begin(video, video.videoWidth, video.videoHeight);
    part("box").open = true;
    nextFrame();
  }

  function nextFrame() {
    const later = video.requestVideoFrameCallback ? (f) => video.requestVideoFrameCallback(f) : requestAnimationFrame;
    later(() => {
      if (!camera) return;
      sourceContext.drawImage(video, 0, 0, source.width, source.height);
      update();
      nextFrame();
    });
  }

  function stopCamera() {
    camera?.getTracks().forEach((track) => track.stop());
    camera = null;
    video.srcObject = null;
    part("camera").textContent = "Start the camera";
  }

  // --- Face box ----------------------------------------------------------------------------------------------------

  const BOX = ["column", "row", "width", "height"];
  const within = (value, least, most) => Math.min(Math.max(Math.round(value), least), most);

  // Put the box where it is asked for, as far as the picture goes.
  function place(wanted) {
    const width = within(wanted.width, SMALLEST_BOX, source.width);
    const height = within(wanted.height, SMALLEST_BOX, source.height);
    box = {
      width,
      height,
      column: within(wanted.column, 0, source.width - width),
      row: within(wanted.row, 0, source.height - height),
    };
    const most = {
      column: source.width - width,
      row: source.height - height,
      width: source.width,
      height: source.height,
    };
    for (const name of BOX) {
      part(name).max = most[name];
      part(name).value = box[name];
    }
    const frame = part("frame").style;
    frame.left = `${(100 * box.column) / source.width}%`;
    frame.top = `${(100 * box.row) / source.height}%`;
    frame.width = `${(100 * box.width) / source.width}%`;
    frame.height = `${(100 * box.height) / source.height}%`;
  }

  // Drag the frame to move the box, its corner to resize it.
  function drag(down) {
    const frame = part("frame");
    const scale = source.width / stage.getBoundingClientRect().width;
    const before = { ...box };
    const resizing = down.target === part("corner");
    const move = (event) => {
      const across = scale * (event.clientX - down.clientX);
      const along = scale * (event.clientY - down.clientY);
      if (resizing) place({ ...before, width: before.width + across, height: before.height + along });
      else place({ ...before, column: before.column + across, row: before.row + along });
      if (!camera) update();
    };
    frame.setPointerCapture(down.pointerId);
    frame.addEventListener("pointermove", move);
    frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
    down.preventDefault();
  }

  // --- The page ----------------------------------------------------------------------------------------------------

  const complain = (words) => (part("complaint").textContent = words);

  function makeButtons() {
    for (const item of gallery.querySelectorAll("[data-picture]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.picture = item.dataset.picture;
      button.append(...item.childNodes);
      button.addEventListener("click", () => choose(button));
      item.append(button);
    }
  }

  try {
    network = await load(model, wasm);
  } catch (error) {
    const words = document.createElement("p");
    words.textContent = `The network cannot run here: ${error.message}. Any browser of 2023 or later should do.`;
    gallery.after(words);
    return;
  }
  // The first passes are slow, and would be told as the network's time.
  for (let pass = 0; pass < 5; pass++) network.look(new Uint8Array(SIDE * SIDE * 3));
  makeButtons();
  for (const name of ["print", "replay"]) {
    part(name).addEventListener("input", () => {
      part(`${name}-strength`).textContent = Number(part(name).value).toFixed(2);
      if (!camera) update();
    });
  }
  for (const each of app.querySelectorAll("[data-part]")) each.addEventListener("change", () => camera || update());
  for (const name of BOX) {
    part(name).addEventListener("input", () => {
      place({ ...box, [name]: Number(part(name).value) });
      if (!camera) update();
    });
  }
  part("frame").addEventListener("pointerdown", drag);
  part("file").addEventListener("change", () => {
    const [file] = part("file").files;
    if (file) open(file);
    part("file").value = "";
  });
  part("camera").addEventListener("click", () => {
    if (camera) stopCamera();
    else startCamera();
  });
  window.addEventListener("pagehide", stopCamera);
  part("mark").style.left = `${100 * threshold}%`;
  part("threshold").textContent = threshold.toFixed(2);
  app.hidden = false;
  choose(gallery.querySelector("button"));
})();
