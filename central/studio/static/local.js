"use strict";
// What every page of this machine alone begins with. Words from outside are set as text, never as markup.

const at = (id) => document.getElementById(id);
let language = location.hash === "#en" || (!location.hash && !navigator.language.startsWith("zh")) ? "en" : "zh";

function make(tag, text, kind) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

function fail(words) {
  at("error").textContent = words;
  at("error").hidden = !words;
}
