"use strict";
// The desk's page. What comes from the box and its sticks is set as text, never as markup.

const WORDS = {
  zh: {
    title: "科普e站 · 练习台", other: "English", room: "电视和盒子", dark: "无信号", tvPower: "电视开关", tvSource: "信号源", tvOther: "别的节目", remote: "遥控器", table: "桌上的U盘", says: "盒子怎么说",
    breaking: "弄坏它", button: "按钮", pull: "拔出", empty: "未插U盘", plugOn: "拔掉电源", plugOff: "接通电源", centre: "打开管理中心的页面",
    hangPlayer: "播放器卡死", killPlayer: "杀死播放器", killCore: "杀死主程序", log: "运行记录", putIn: "插入", receipt: "看回执", office: "拿到中心",
    working: "请稍候…", light: { steady: "状态灯：正常", slow: "状态灯：请留意", quick: "状态灯：有故障", dark: "状态灯：不亮" },
    sticks: { programme: ["节目U盘", "本站配置和五部影片"], damaged: ["坏U盘", "同样的节目，一部影片有一位读错"], empty: ["空U盘", "用来带回记录"] },
    own: "自己放的文件夹",
    steps: ["插入节目U盘", "看一场：等倒计时，或按 OK 选片", "拔出U盘，拿到中心签发证书", "再插回去，盒子连上中心"],
    keys: { up: "上", down: "下", left: "左", right: "右", ok: "确定", back: "返回", menu: "菜单", info: "信息", play: "播放", pause: "暂停", stop: "停止", next: "下一个", rewind: "后退十秒", language: "语言" },
    facts: { phase: "正在", why: "为什么", next: "下一场", week: "本周", clock: "时钟", waiting: "未送达的记录", units: "程序", boots: "开机次数", fault: "故障" },
    phases: { resting: "休息", countdown: "倒计时", prepared: "就要开始", playing: "播放", repairing: "恢复播放" },
    tv: { on: "电视开着", off: "电视关着", "coming on": "电视正在打开", "going off": "电视正在关", unknown: "" },
    none: "无", met: (min) => `已达标 ✓ ${min} 分钟`, owed: (n) => `还差 ${n} 场`, off: "没有电", starting: "正在启动…", unnamed: "还没有名字：请插入节目U盘",
    trust: { network: "网络", rtc: "时钟芯片", stick: "U盘", hand: "手调", guess: "估计" },
  },
  en: {
    title: "E-Station · the desk", other: "中文", room: "The TV and the box", dark: "no signal", tvPower: "TV on / off", tvSource: "source", tvOther: "another programme", remote: "Remote", table: "Sticks on the table", says: "What the box says",
    breaking: "Break it", button: "button", pull: "Pull", empty: "no stick", plugOn: "Pull the plug", plugOff: "Plug it in", centre: "Open the centre's page",
    hangPlayer: "Hang the player", killPlayer: "Kill the player", killCore: "Kill the head", log: "What its programs say", putIn: "Put in", receipt: "Receipt", office: "To the centre",
    working: "One moment…", light: { steady: "light: all is well", slow: "light: look at the TV", quick: "light: a fault", dark: "light: dark" },
    sticks: { programme: ["Programme stick", "this station's profile and five films"], damaged: ["Damaged stick", "the same films, one with a wrong bit"], empty: ["Empty stick", "takes the records home"] },
    own: "a folder of your own",
    steps: ["Put the programme stick in", "Watch: wait for the countdown, or press OK", "Pull it and take it to the centre, which signs", "Put it in again: the box calls the centre"],
    keys: { up: "up", down: "down", left: "left", right: "right", ok: "OK", back: "back", menu: "menu", info: "info", play: "play", pause: "pause", stop: "stop", next: "next", rewind: "10 s back", language: "language" },
    facts: { phase: "Now", why: "Why", next: "Next session", week: "This week", clock: "Clock", waiting: "Records not delivered", units: "Programs", boots: "Boots", fault: "Fault" },
    phases: { resting: "at rest", countdown: "countdown", prepared: "about to begin", playing: "playing", repairing: "mending" },
    tv: { on: "the TV is on", off: "the TV is off", "coming on": "the TV is coming on", "going off": "the TV is going off", unknown: "" },
    none: "none", met: (min) => `met ✓ ${min} min`, owed: (n) => `${n} still owed`, off: "no power", starting: "starting…", unnamed: "no name yet: put the programme stick in",
    trust: { network: "network", rtc: "clock chip", stick: "stick", hand: "by hand", guess: "a guess" },
  },
};
const KEYS = [
  ["menu", "☰"], ["up", "▲"], ["info", "ⓘ"], ["left", "◀"], ["ok", "OK"], ["right", "▶"], ["back", "↩"], ["down", "▼"], ["language", "文/A"],
  ["rewind", "⏪"], ["play", "⏵"], ["next", "⏭"], ["pause", "⏸"], ["stop", "⏹"], ["0", "0"],
  ["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"], ["6", "6"], ["7", "7"], ["8", "8"], ["9", "9"],
];
const KEYBOARD = {
  ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Enter: "ok", Escape: "back", m: "menu", i: "info", p: "pause", n: "next", l: "language",
};
const LONGEST = 60;
let state = null;
let doing = 0;

async function act(what, word = "", seconds = 0) {
  doing += 1;
  if (what === "office") fail(WORDS[language].working);
  try {
    const answer = await fetch("do", { method: "POST", body: JSON.stringify({ what, word, seconds }) });
    const told = await answer.json().catch(() => ({ error: answer.statusText }));
    fail(told.error);
  } finally {
    doing -= 1;
  }
  await beat();
}

function words() {
  const said = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = said.title;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = said[element.dataset.word];
  at("language").textContent = said.other;
  at("keys").replaceChildren(...KEYS.map(([key, sign]) => {
    const button = make("button", sign, key === "ok" ? "ok" : "");
    button.type = "button";
    button.dataset.key = key;
    if (said.keys[key]) {
      button.title = said.keys[key];
      if (key !== "ok") button.append(make("small", said.keys[key]));
    }
    button.onclick = () => act("key", key);
    return button;
  }));
}

function stick(one, said) {
  const [name, what] = said.sticks[one.name] || [one.name, said.own];
  const item = make("li", undefined, one.name === state.inside ? "in" : "");
  item.dataset.stick = one.name;
  item.append(make("strong", name), make("p", what));
  const button = (word, deed) => {
    const made = make("button", said[word], word === "putIn" && !state.inside ? "main" : "");
    made.type = "button";
    made.dataset.deed = word;
    made.onclick = deed;
    item.append(made);
  };
  if (one.name === state.inside) button("pull", () => act("pull"));
  else {
    button("putIn", () => act("put-in", one.name));
    if (one.receipt) button("office", () => act("office", one.name));
  }
  if (one.receipt) {
    const link = make("a", said.receipt);
    link.href = `receipt/${encodeURIComponent(one.name)}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    item.append(link);
  }
  return item;
}

function minutes(columns) {
  return Math.round(Object.values(columns).reduce((sum, each) => sum + each, 0) / 6) / 10;
}

function facts(said) {
  const box = state.box;
  const local = (instant) => new Date(instant).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "medium" });
  const rows = [];
  if (!state.power) rows.push(["phase", said.off]);
  else if (!box.phase) rows.push(["phase", said.starting]);
  else if (!state.named) rows.push(["phase", said.unnamed]);
  else {
    rows.push(["phase", (said.phases[box.phase] || box.phase) + (box.playing ? ` · ${box.playing.title}` : "")]);
    rows.push(["why", box.why[language]]);
    rows.push(["next", box.next ? local(box.next.at) : said.none]);
    if (box.week) rows.push(["week", box.owed ? said.owed(box.owed) : said.met(minutes(box.week.seconds))]);
    rows.push(["waiting", String(box.waiting)]);
  }
  if (box.clock) rows.push(["clock", `${local(box.clock.at)} (${said.trust[box.clock.trust]})`]);
  if (box.fault) rows.push(["fault", box.fault]);
  rows.push(["units", Object.entries(state.units).map(([name, how]) => `${name} ${how}`).join(", ") || said.none], ["boots", String(state.boots)]);
  return rows.flatMap(([name, value]) => {
    const shown = make("dd", value);
    shown.dataset.fact = name;
    return [make("dt", said.facts[name]), shown];
  });
}

function show() {
  const said = WORDS[language];
  const done = [state.named, state.box.week ? !state.box.owed : false, state.certified || state.sticks.some((one) => one.signed), state.certified];
  const now = done.indexOf(false);
  at("steps").replaceChildren(...said.steps.map((step, n) => make("li", step, done[n] ? "done" : n === now ? "now" : "")));
  const shown = state.tv.power === "on" && state.tv.ours && state.power;
  at("dark").hidden = shown;
  at("dark").textContent = state.tv.power !== "on" ? said.tv[state.tv.power] : state.tv.ours ? said.dark : said.tvOther;
  at("tv-says").textContent = said.tv[state.tv.power];
  at("tv-power").setAttribute("aria-pressed", String(state.tv.power === "on"));
  at("light").className = (state.power && state.box.light) || "";
  at("light").setAttribute("aria-label", said.light[(state.power && state.box.light) || "dark"]);
  at("light").title = at("light").getAttribute("aria-label");
  at("plug").setAttribute("aria-pressed", String(state.power));
  at("plug").lastElementChild.textContent = state.power ? said.plugOn : said.plugOff;
  at("slot").className = state.inside ? "full" : "";
  at("inside").textContent = state.inside ? (said.sticks[state.inside] || [state.inside])[0] : said.empty;
  at("pull").hidden = !state.inside;
  at("centre").href = state.centre;
  at("log").textContent = state.log.join("\n");
  fill("sticks", state.sticks.map((one) => stick(one, said)));
  fill("facts", facts(said));
}

// A list is made anew only where it says something else: a button that goes away under a finger is not pressed.
function fill(id, children) {
  const holder = make("div");
  holder.append(...children);
  if (at(id).dataset.was === holder.innerHTML) return;
  at(id).dataset.was = holder.innerHTML;
  at(id).replaceChildren(...children);
}

async function beat() {
  try {
    state = await (await fetch("state")).json();
    show();
  } catch {
    fail("make desk?");
  }
}

async function watch() {
  let number = 0;
  for (;;) {
    try {
      number = await (await fetch(`next/${number}`)).json();
      at("picture").src = `picture/${number}`;
      await at("picture").decode();
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

let pressed = 0;
function down(event) {
  if (event.type === "keydown" && (event.repeat || (event.key !== " " && event.key !== "Enter"))) return;
  event.preventDefault();
  event.stopPropagation();
  pressed = performance.now();
  at("button").classList.add("down");
}
function up(event) {
  if (!pressed || (event.type === "keyup" && event.key !== " " && event.key !== "Enter")) return;
  const seconds = Math.min((performance.now() - pressed) / 1000, LONGEST);
  pressed = 0;
  at("button").classList.remove("down");
  act("button", "", seconds);
}
at("button").addEventListener("pointerdown", down);
at("button").addEventListener("keydown", down);
addEventListener("pointerup", up);
at("button").addEventListener("keyup", up);

addEventListener("keydown", (event) => {
  const key = /^[0-9]$/.test(event.key) ? event.key : KEYBOARD[event.key];
  if (!key || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("button, a, summary")) return;
  event.preventDefault();
  act("key", key);
});
at("plug").onclick = () => act(state.power ? "pull-plug" : "plug-in");
at("pull").onclick = () => act("pull");
at("language").onclick = () => {
  language = language === "zh" ? "en" : "zh";
  location.hash = language;
  words();
  show();
};
for (const button of document.querySelectorAll("[data-tv]")) button.onclick = () => act("tv", button.dataset.tv);
for (const button of document.querySelectorAll("[data-hurt]")) button.onclick = () => act("hurt", button.dataset.hurt);

words();
beat();
setInterval(() => doing || beat(), 700);
watch();
