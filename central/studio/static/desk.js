"use strict";
// The editor's desk. Words from files are set as text, never as markup.

const WORDS = {
  zh: {
    films: "节目", look: "重新检查", fixAll: "全部修复", fix: "修复", drop: "把视频、图片或声音拖到这里，或点击选择；先存为草稿",
    signing: "签名", prepare: "生成待签内容", sign: "签名", fortnight: "未来两周", stick: "制作U盘", write: "写入U盘", close: "关闭",
    recall: "召回节目", recallOne: "召回…", forGood: "召回后所有站点不再播放，且不能撤回。",
    ready: "可发布", not: "不能发布", draft: "草稿", made: "已转换", play: "观看", other: "English", unlisted: "未列入 library.toml",
    files: (all, ready) => `${all} 个文件，${ready} 个可发布`, minutes: (m) => `${m} 分钟`,
    waiting: (n, of) => `已有 ${n} 人签名，需要 ${of} 人`, nothing: "没有等待签名的内容", none: "未来两周没有播放计划",
    stations: (n) => `${n} 个站点的配置会一起写入`, path: "U盘所在文件夹",
    work: { look: "正在检查", fix: "正在转换", prepare: "正在生成", sign: "正在签名", stick: "正在写入U盘", recall: "正在召回", import: "正在导入" },
    topics: {
      health: "健康", "epidemic-prevention": "防疫", "food-safety": "食品安全", "emergency-preparedness": "应急避险", "low-carbon-living": "低碳生活",
      "mental-well-being": "心理健康", "ecology-and-environment": "生态环境", "rural-revitalisation": "乡村振兴", "against-superstition": "反对迷信", "general-science": "科学常识",
    },
    done: { stick: "U盘已写好并核对；请先弹出再拔。", sign: "已签名。" },
  },
  en: {
    films: "Films", look: "Look again", fixAll: "Fix all", fix: "Fix", drop: "Drop films, pictures or sounds here, or click to choose; they become drafts",
    signing: "Signing", prepare: "Prepare", sign: "Sign", fortnight: "The coming fortnight", stick: "Make a stick", write: "Write", close: "Close",
    recall: "Recall a film", recallOne: "Recall…", forGood: "No station shows it any more, and it cannot be taken back.",
    ready: "ready", not: "not fit", draft: "draft", made: "made anew", play: "Watch", other: "中文", unlisted: "not in library.toml",
    files: (all, ready) => `${all} ${all === 1 ? "file" : "files"}, ${ready} ready to publish`, minutes: (m) => `${m} min`,
    waiting: (n, of) => `${n} of ${of} signatures`, nothing: "Nothing waits for a signature", none: "Nothing is shown in the coming fortnight",
    stations: (n) => `with the profiles of ${n} ${n === 1 ? "station" : "stations"}`, path: "the stick's folder",
    work: { look: "Looking", fix: "Making", prepare: "Preparing", sign: "Signing", stick: "Writing the stick", recall: "Recalling", import: "Importing" },
    topics: {},
    done: { stick: "The stick is written and was read back; unmount it before you pull it.", sign: "Signed." },
  },
};
let state = null;
let revision = -1;
let sending = 0;

async function press(what, asked = {}) {
  fail("");
  const answer = await fetch(what, { method: "POST", body: JSON.stringify(asked) });
  const told = await answer.json().catch(() => ({ error: answer.statusText }));
  if (told.error) fail(told.error);
  await beat();
}

async function send(files) {
  for (const file of files) {
    sending += 1;
    fail("");
    await new Promise((done) => {
      const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
      request.open("POST", `upload?${encodeURIComponent(file.name)}`);
      request.upload.onprogress = (event) => working(file.name, event.loaded / event.total);
      request.onloadend = () => {
        let told = { error: request.status === 200 ? "" : file.name };
        try { told = JSON.parse(request.responseText); } catch { /* the connection broke: the name is told */ }
        if (told.error) fail(told.error);
        done();
      };
      request.send(file);
    });
    sending -= 1;
  }
  await beat();
}

function working(words, fraction) {
  at("work").hidden = false;
  at("bar").value = fraction;
  at("words").textContent = `${Math.round(fraction * 100)} %  ${words}`;
}

function watch(file) {
  const still = file.kind === "still";
  at("player").hidden = still;
  at("picture").hidden = !still;
  (still ? at("picture") : at("player")).src = `film/${file.number}`;
  at("screen").showModal();
}

function row(file) {
  const words = WORDS[language];
  const line = make("li");
  const poster = file.poster ? make("img", undefined, "poster") : make("div", file.kind === "audio" ? "♪" : "▢", "poster");
  if (file.poster) { poster.src = `poster/${file.number}?${revision}`; poster.alt = ""; poster.loading = "lazy"; }
  const told = make("div");
  const title = file.titles[language === "zh" ? "zh-Hans" : "en"] || Object.values(file.titles)[0] || file.name;
  const head = make("h3", title);
  head.append(make("span", file.ready ? words.ready : words.not, file.ready ? "mark" : "mark not"));
  if (file.draft) head.append(make("span", words.draft, "mark draft"));
  const length = file.seconds >= 60 ? words.minutes((file.seconds / 60).toFixed(1)) : file.seconds ? `${Math.round(file.seconds)} s` : "";
  const spoken = file.spoken.length ? `♪ ${file.spoken.join(", ")}` : "";
  const written = file.written.length ? `CC ${file.written.join(", ")}` : "";
  const loud = file.loudness.map((level) => `${level.toFixed(1)} LUFS`).join(" / ");
  const facts = [title === file.name ? "" : file.name, length, words.topics[file.topic] || file.topic, spoken, written, loud, file.made ? words.made : "", file.listed ? "" : words.unlisted];
  told.append(head, make("p", facts.filter(Boolean).join(" · ")));
  const faults = make("ul");
  if (file.refusal[language]) faults.append(make("li", file.refusal[language], "grave"));
  for (const fault of file.faults) faults.append(make("li", fault[language], fault.grave ? "grave" : ""));
  for (const paper of file.papers) faults.append(make("li", paper[language]));
  if (faults.childElementCount) told.append(faults);
  const keys = make("div", undefined, "keys");
  if (file.fixable) button(keys, words.fix, () => press("fix", { numbers: [file.number] }), "main");
  if (file.plays) button(keys, words.play, () => watch(file));
  line.append(poster, told, keys);
  return line;
}

function button(where, words, pressed, kind) {
  const element = make("button", words, kind);
  element.type = "button";
  element.addEventListener("click", pressed);
  where.append(element);
}

function session(one) {
  const line = make("li", undefined, one.shown ? "" : "not");
  const why = one.shown ? "" : `  – ${one[language]}`;
  line.append(make("span", one.at), make("span", WORDS[language].minutes(Math.round(one.minutes))), make("span", one.titles.join("、") + why));
  return line;
}

function draw() {
  const words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  at("language").textContent = words.other;
  at("path").placeholder = words.path;
  at("path").setAttribute("aria-label", words.path);
  if (!state) return;
  at("name").textContent = state.name;
  document.title = `${state.name} · E-Station`;
  at("count").textContent = words.files(state.files.length, state.files.filter((file) => file.ready).length);
  at("list").replaceChildren(...state.files.map(row));
  at("fix").disabled = !state.files.some((file) => file.fixable);
  at("waiting").textContent = state.waiting ? words.waiting(state.waiting.signatures, state.waiting.threshold) : words.nothing;
  at("summary").hidden = !state.waiting;
  at("summary").textContent = state.waiting ? state.waiting.summary : "";
  at("sign").disabled = !state.waiting;
  const chosen = at("person").value;
  at("person").replaceChildren(...state.persons.map((person) => make("option", person)));
  if (state.persons.includes(chosen)) at("person").value = chosen;
  const film = at("film").value;
  at("film").replaceChildren(...state.published.map((one) => {
    const option = make("option", one.titles[language === "zh" ? "zh-Hans" : "en"] || Object.values(one.titles)[0]);
    option.value = one.id;
    return option;
  }));
  if (state.published.some((one) => one.id === film)) at("film").value = film;
  at("recall").disabled = !state.published.length;
  at("sessions").replaceChildren(...(state.fortnight.length ? state.fortnight.map(session) : [make("p", words.none)]));
  at("stations").textContent = words.stations(state.stations);
}

async function ask() {
  fail("");
  const told = await (await fetch(`use/${at("film").value}`)).json();
  if (told.error) { fail(told.error); return; }
  at("use").textContent = told.words;
  at("sure").showModal();
}

async function beat() {
  const job = await (await fetch("job")).json();
  if (job.what) working(`${WORDS[language].work[job.what]}  ${job.words}`, job.fraction);
  else if (!sending) at("work").hidden = true;
  if (job.revision !== revision) {
    const answer = await fetch("state");
    const told = await answer.json();
    if (told.error) fail(told.error);
    else state = told;
    if (revision >= 0 && job.error) fail(job.error);
    revision = job.revision;
    draw();
    const done = WORDS[language].done[job.done];
    if (done && !job.error) { at("waiting").textContent += ` ${job.done === "sign" ? done : ""}`; if (job.done === "stick") at("stations").textContent = done; }
  }
}

async function beats() {
  try { await beat(); } catch { /* the studio was closed: the page stays as it is */ }
  setTimeout(beats, 700);
}

at("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; location.hash = language; draw(); });
at("look").addEventListener("click", () => press("look"));
at("fix").addEventListener("click", () => press("fix"));
at("prepare").addEventListener("click", () => press("prepare"));
at("sign").addEventListener("click", () => press("sign", { person: at("person").value }));
at("recall").addEventListener("click", ask);
at("yes").addEventListener("click", () => { at("sure").close(); press("recall", { content: at("film").value }); });
at("no").addEventListener("click", () => at("sure").close());
at("write").addEventListener("click", () => press("stick", { path: at("path").value }));
at("choose").addEventListener("change", (event) => send(event.target.files));
at("close").addEventListener("click", () => at("screen").close());
at("screen").addEventListener("close", () => at("player").removeAttribute("src"));
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") send(event.dataTransfer.files);
  });
}
document.addEventListener("dragleave", () => at("drop").classList.remove("over"));
draw();
beats();
