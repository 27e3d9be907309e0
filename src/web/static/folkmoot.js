"use strict";
// Pages are whole without this. It writes times in the reader's zone and keeps the count of an open vote fresh.
(() => {
  const root = document.documentElement;
  const due = root.dataset.local || "{time}";
  const language = navigator.languages.find((tag) => tag.split("-")[0] === root.lang) || root.lang;

  const localise = (scope) => {
    const thisYear = new Date().getFullYear();
    for (const element of scope.querySelectorAll("time[datetime]")) {
      const moment = new Date(element.dateTime);
      if (element.title || !element.dateTime.includes("T") || Number.isNaN(moment.getTime())) continue;
      const shape = { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
      if (moment.getFullYear() !== thisYear) shape.year = "numeric";
      element.title = element.textContent;
      const local = new Intl.DateTimeFormat(language, shape).format(moment);
      element.textContent = element.className === "due" ? due.replace("{time}", local) : local;
      if (element.closest(".deadline")) element.tabIndex = 0;
    }
  };

  const refresh = async (element) => {
    // Nothing moves under somebody who reads the details or is elsewhere.
    if (document.hidden || element.contains(document.activeElement) || element.querySelector("details[open]")) return;
    try {
      const answer = await fetch(element.dataset.live, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      element.innerHTML = await answer.text();
      localise(element);
    } catch {
      // The network is away: the page keeps what it shows.
    }
  };

  localise(document);
  for (const element of document.querySelectorAll("[data-live]")) setInterval(refresh, 15000, element);
  document.querySelector(".problems")?.focus();
})();
