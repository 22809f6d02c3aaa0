"use strict";
// One picture is drawn at a time, and of those that come meanwhile the newest is the next: a slow browser misses some.
const picture = document.getElementById("picture");
const state = document.getElementById("state");
const WINDOW_MS = 2000;
let newest = null;
let drawing = false;
let connected = false;
let drawn = []; // when, of the last window
let since = 0; // of connecting, or of the last picture

function draw() {
  if (drawing || newest === null) return;
  const url = URL.createObjectURL(newest);
  [newest, drawing] = [null, true];
  picture.onload = picture.onerror = () => {
    URL.revokeObjectURL(url);
    drawing = false;
    picture.classList.toggle("old", !connected);
    since = performance.now();
    drawn.push(since);
    draw();
  };
  picture.src = url;
  picture.hidden = false;
}

function tell() {
  const now = performance.now();
  drawn = drawn.filter((time) => now - time < WINDOW_MS);
  if (!connected) state.textContent = "Not connected, trying again";
  else if (drawn.length > 1) state.textContent = `${rate(now).toFixed(1)} pictures a second`;
  else if (now - since < WINDOW_MS) state.textContent = drawn.length ? "A new picture" : "Connected";
  else state.textContent = `No new picture for ${Math.floor((now - since) / 1000)} s`;
}

function rate(now) {
  return (drawn.length - 1) * 1000 / (now - drawn[0]);
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/pictures`);
  socket.binaryType = "blob";
  socket.onopen = () => { [connected, since, drawn] = [true, performance.now(), []]; tell(); };
  socket.onmessage = (message) => { newest = message.data; draw(); };
  socket.onclose = () => {
    connected = false;
    picture.classList.add("old");
    tell();
    setTimeout(connect, 1000);
  };
}

setInterval(tell, 500);
connect();
