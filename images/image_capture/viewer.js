"use strict";
// The newest picture only: one that is still being drawn when the next one comes is not waited for.
const picture = document.getElementById("picture");
const state = document.getElementById("state");
let shown = null;
let times = [];

function show(blob) {
  const url = URL.createObjectURL(blob);
  picture.onload = picture.onerror = () => { if (shown) URL.revokeObjectURL(shown); shown = url; };
  picture.src = url;
  picture.hidden = false;
  const now = performance.now();
  times = times.filter((time) => now - time < 2000).concat(now);
  state.textContent = `${(times.length / 2).toFixed(1)} pictures a second`;
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/pictures`);
  socket.binaryType = "blob";
  socket.onopen = () => { state.textContent = "Waiting for a picture"; };
  socket.onmessage = (message) => show(message.data);
  socket.onclose = () => { state.textContent = "Not connected, trying again"; setTimeout(connect, 1000); };
}

connect();
