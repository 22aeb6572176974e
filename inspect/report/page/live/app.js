const rows = new Map();

function show(row) {
    const line = rows.get(row.id) ?? document.createElement("tr");
    if (!rows.has(row.id)) document.querySelector("#rows").prepend(line);
    rows.set(row.id, line);
    line.replaceChildren(...[row.time, row.method, row.url ?? row.host, row.status || row.code].map(each => {
        const cell = document.createElement("td");
        cell.textContent = each ?? "";
        return cell;
    }));
}

const answer = await fetch("/api/flows");
for (const row of (await answer.json()).flows.reverse()) show(row);
document.querySelector("#state").textContent = "";
new EventSource("/api/events").addEventListener("flow", event => show(JSON.parse(event.data)));
