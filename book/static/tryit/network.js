// The paper's network in TensorFlow.js, and Grad-CAM at its last convolution.
(() => {
  const SIDE = 32;

  // A page opened as a file may read no other file, so the WebAssembly comes as text, like the weights.
  async function startRuntime(wasm) {
    const address = `data:application/wasm;base64,${wasm}`;
    // Threads would need headers that only a server can send.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.wasm.setWasmPaths({
      "tfjs-backend-wasm.wasm": address,
      "tfjs-backend-wasm-simd.wasm": address,
      "tfjs-backend-wasm-threaded-simd.wasm": address,
    });
    if (!(await tf.setBackend("wasm"))) throw new Error("WebAssembly with vector instructions is not available");
  }

  // Layer and array name ("dense/kernel") -> tensor.
  function tensors({ arrays, weights }) {
    const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
    const all = new Float32Array(bytes.buffer);
    let begin = 0;
    const named = arrays.map(([name, shape]) => {
      const end = begin + shape.reduce((product, side) => product * side, 1);
      const tensor = tf.tensor(all.slice(begin, end), shape);
      begin = end;
      return [name, tensor];
    });
    return Object.fromEntries(named);
  }

  async function load(model, wasm) {
    await startRuntime(wasm);
    const { leak } = model;
    const w = tensors(model);

    const conv = (x, name) => tf.add(tf.conv2d(x, w[`${name}/kernel`], 1, "same"), w[`${name}/bias`]);
    const dense = (x, name) => tf.add(tf.matMul(x, w[`${name}/kernel`]), w[`${name}/bias`]);
    const norm = (x, name) => tf.add(tf.mul(x, w[`${name}/scale`]), w[`${name}/offset`]);
    const pool = (x) => tf.maxPool(x, 2, 2, "valid");
    const activated = (x, phase, number) => norm(tf.leakyRelu(x, leak), `${phase}_norm${number}`);

    // The three convolutions of a phase: the first, which the skip takes up again, and the last.
    function convolutions(x, phase) {
      const first = conv(x, `${phase}_conv1`);
      const second = conv(activated(first, phase, 1), `${phase}_conv2`);
      return [first, conv(activated(second, phase, 2), `${phase}_conv3`)];
    }
    const joined = (first, last, phase) => norm(tf.add(first, activated(last, phase, 3)), `${phase}_skip_norm`);

    // What `margin` below gains by each activation of the last convolution: the chain rule, layer by layer.
    function gradient(last, before, pooled, tanh) {
      const [bonaFide, attack] = tf.split(w["classifier/kernel"], 2, 1);
      const behindDense = tf.mul(tf.transpose(tf.sub(attack, bonaFide)), w["dense_norm/scale"]);
      const beforeDense = tf.mul(behindDense, tf.sub(1, tf.square(tanh)));
      const behindPool = tf.reshape(tf.matMul(beforeDense, w["dense/kernel"], false, true), pooled.shape);
      // Pooling hands the gradient to the largest of four alone.
      const [height, width] = before.shape.slice(1, 3);
      const spread = (x) => tf.image.resizeNearestNeighbor(x, [height, width]);
      const largest = tf.cast(tf.equal(before, spread(pooled)), "float32");
      const slope = tf.add(tf.mul(tf.cast(tf.greater(last, 0), "float32"), 1 - leak), leak);
      const scale = tf.mul(w["phase2_skip_norm/scale"], w["phase2_norm3/scale"]);
      return tf.mul(tf.mul(spread(behindPool), largest), tf.mul(slope, scale));
    }

    // `pixels`: a crop, 32x32 RGB bytes. `margin`: the logarithm of the odds for attack; `score`: the probability of
    // bona fide; `map`: 16x16, what spoke for the likelier of the two, at least 0.
    function look(pixels) {
      return tf.tidy(() => {
        const picture = tf.div(tf.tensor(Float32Array.from(pixels), [1, SIDE, SIDE, 3]), 255);
        const half = pool(joined(...convolutions(picture, "phase1"), "phase1"));
        const [first, last] = convolutions(half, "phase2");
        const before = joined(first, last, "phase2");
        const pooled = pool(before);
        const tanh = tf.tanh(dense(tf.reshape(pooled, [1, -1]), "dense"));
        const [bonaFide, attack] = dense(norm(tanh, "dense_norm"), "classifier").dataSync();
        const margin = attack - bonaFide;
        const weights = tf.mean(gradient(last, before, pooled, tanh), [1, 2], true);
        const spoken = tf.mul(tf.sum(tf.mul(last, weights), -1), margin > 0 ? 1 : -1);
        return { margin, score: 1 / (1 + Math.exp(margin)), map: tf.relu(spoken).dataSync() };
      });
    }
    return { look };
  }

  window.tryIt = { ...window.tryIt, load };
})();
