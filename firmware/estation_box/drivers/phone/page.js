"use strict";
// The box's page on a phone. Titles are set as text, never as markup; nothing is kept on the phone.

const WORDS = {
  zh: {
    other: "English", left: (n) => `还有 ${Math.ceil(n / 60)} 分钟`, over: "时间到了。要再用，请在电视前长按盒子的按钮。", away: "连不上盒子，正在重试…",
    stages: { card: "没有播放", countdown: "倒计时", session: "正在播放", paused: "已暂停", other: "正在播放通知" },
    pause: "暂停", resume: "继续", next: "下一个", stop: "停止", later: "推迟一小时", count: "记下", countHead: "有多少人在看", counted: (n) => `已记下：${n} 人 ✓`,
    choose: "选一部影片", five: "放五分钟", none: "盒子里还没有影片",
    topics: {
      "health": "健康", "epidemic-prevention": "防疫", "food-safety": "食品安全", "emergency-preparedness": "应急避险", "low-carbon-living": "低碳生活",
      "mental-well-being": "心理健康", "ecology-and-environment": "生态环境", "rural-revitalisation": "乡村振兴", "against-superstition": "反对迷信", "general-science": "科学常识",
    },
  },
  en: {
    other: "中文", left: (n) => `${Math.ceil(n / 60)} min left`, over: "The time is over. To go on, hold the button of the box.", away: "The box cannot be reached; trying again …",
    stages: { card: "nothing is shown", countdown: "a countdown runs", session: "playing", paused: "paused", other: "a bulletin is shown" },
    pause: "Pause", resume: "Go on", next: "Next", stop: "Stop", later: "An hour later", count: "Count", countHead: "How many are watching", counted: (n) => `counted: ${n} ✓`,
    choose: "Choose a film", five: "Five minutes now", none: "The box holds no films yet",
    topics: {
      "health": "Health", "epidemic-prevention": "Epidemics", "food-safety": "Food safety", "emergency-preparedness": "Emergencies", "low-carbon-living": "Low carbon",
      "mental-well-being": "Well-being", "ecology-and-environment": "Environment", "rural-revitalisation": "Farming", "against-superstition": "No superstition", "general-science": "Science",
    },
  },
};
const at = (id) => document.getElementById(id);
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let state = { stage: "card", title: "", position: 0, seconds: 0, counted: 0, left: 600 };
let topics = [];
let told = false;

function make(tag, text, kind) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

function show() {
  const said = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  at("language").textContent = said.other;
  at("left").textContent = said.left(state.left);
  at("stage").textContent = said.stages[state.stage];
  at("title").textContent = state.title;
  at("bar").hidden = !state.seconds;
  at("bar").value = state.seconds ? state.position / state.seconds : 0;
  const runs = state.stage === "session" || state.stage === "paused";
  at("pause").textContent = state.stage === "paused" ? said.resume : said.pause;
  for (const [id, there] of [["pause", runs], ["stop", runs], ["next", state.stage === "session"], ["later", state.stage === "countdown"]]) at(id).hidden = !there;
  for (const id of ["next", "stop", "later", "five", "count"]) at(id).textContent = said[id];
  at("count-head").textContent = said.countHead;
  at("counted").textContent = told ? said.counted(state.counted) : "";
  at("choose").hidden = state.stage !== "card";
  at("choose-head").textContent = said.choose;
}

function list() {
  const said = WORDS[language];
  at("five").hidden = !topics.length;
  at("films").replaceChildren(...(topics.length ? topics : [null]).map((one) => {
    if (!one) return make("p", said.none);
    const shelf = document.createElement("details");
    const head = make("summary", `${said.topics[one.topic] || one.topic} `);
    head.append(make("small", String(one.films.length)));
    shelf.append(head, ...one.films.map((film) => {
      const button = make("button", "", "film");
      button.type = "button";
      button.append(make("span", film.title), make("small", `${Math.floor(film.seconds / 60)}:${String(film.seconds % 60).padStart(2, "0")}`));
      button.onclick = () => touch("play", { content: film.content });
      return button;
    }));
    return shelf;
  }));
}

async function ask(what, options) {
  try {
    const answer = await fetch(what, options);
    if (!answer.ok) throw new Error(answer.statusText);
    const value = await answer.json();
    at("over").hidden = true;
    return value;
  } catch {
    at("over").textContent = state.left <= 3 ? WORDS[language].over : WORDS[language].away;
    at("over").hidden = false;
    at("page").hidden = state.left <= 3;
    return null;
  }
}

async function beat() {
  const now = await ask("state");
  if (now && now.stage) state = now;
  else state.left = Math.max(state.left - 1, 0);
  show();
}

async function touch(what, more = {}) {
  const now = await ask("do", { method: "POST", body: JSON.stringify({ do: what, ...more }) });
  if (now && now.stage) state = now;
  if (what === "count" && now) told = true;
  show();
}

at("pause").onclick = () => touch(state.stage === "paused" ? "resume" : "pause");
for (const what of ["next", "stop", "later", "five"]) at(what).onclick = () => touch(what);
at("count").onclick = () => touch("count", { number: Math.min(Math.max(Math.round(Number(at("number").value) || 0), 0), 9999) });
for (const button of document.querySelectorAll("[data-by]")) button.onclick = () => {
  at("number").value = Math.max((Number(at("number").value) || 0) + Number(button.dataset.by), 0);
};
at("language").onclick = () => {
  language = language === "zh" ? "en" : "zh";
  show();
  list();
};

async function begin() {
  await beat();
  at("number").value = state.counted || "";
  topics = (await ask("films"))?.topics || [];
  list();
}
begin();
setInterval(beat, 1000);
