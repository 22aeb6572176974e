// The live page in Chromium, as Playwright drives it. A line of stdin is {"scenario", "url", "given"}: it is played on a fresh page, and a line of
// stdout is {"result"} or {"error"}. A page that throws, or complains in the console, fails its scenario.
"use strict";
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { chromium } = require("playwright-core");

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 800 } };
// The report's script for its copy buttons may not run in the frame: its sandbox is what is wanted. A CA that is not trusted is tried.
const EXPECTED = /Blocked script execution in '.*\/report\.html'|net::ERR_CERT_AUTHORITY_INVALID/;

const rows = (page) => page.locator(".rows .row:not([hidden])");
const row = (page, text) => rows(page).filter({ hasText: text }).first();
const tab = (page, name) => page.getByRole("tab", { name, exact: true });
const panel = (page) => page.locator("#detail [role=tabpanel]:not([hidden])");

async function listed(page, url) {
    await page.goto(url);
    await rows(page).first().waitFor();
}

// Until the page has come after the click, keys are about what was shown before.
async function chosen(page, one) {
    await one.click();
    await one.and(page.locator("[aria-selected=true]")).waitFor({ state: "attached" });
    await page.locator("#detail:not([aria-busy]) h2").waitFor();
}

const opened = (page, text) => chosen(page, row(page, text));

async function filtered(page, text) {
    const asked = page.waitForResponse((response) => response.url().includes("/api/flows?"));
    await page.locator("#filter").fill(text);
    await asked;
    await page.locator("#filter").press("Enter");
    await page.waitForFunction(() => !document.querySelector("#count").textContent.includes("loading"));
}

// `rules`: names of axe's; all without it.
async function violations(page, rules) {
    const options = JSON.stringify({ iframes: false, resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
    if (!(await page.evaluate("Boolean(window.axe)"))) await page.evaluate(AXE);
    return page.evaluate(`axe.run(document, ${options}).then(done => done.violations.map(each =>
        each.id + ": " + each.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + " " + node.failureSummary).join("; ")))`);
}

const scenarios = {
    // What the button says that asks whether this browser trusts the CA.
    async trusts(page, url) {
        await page.goto(`${url}#trust`);
        await page.getByRole("button", { name: "Does this browser trust the CA?" }).click();
        await page.locator(".verdict.good, .verdict.bad").waitFor();
        return page.locator(".verdict").innerText();
    },

    // The view of a phone's way to the CA: each code that can be chosen, pictured in both colours.
    async phone(page, url, given) {
        await page.goto(`${url}#trust`);
        const card = page.locator(".card.phone");
        await card.waitFor();
        const select = card.locator("select");
        const choices = await select.locator("option").allInnerTexts();
        const codes = [];
        for (const scheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme: scheme });
            for (let at = 0; at < Math.max(choices.length, 1); ++at) {
                if (choices.length > 0) await select.selectOption({ index: at });
                const code = card.getByRole("img");
                if ((await code.count()) === 0) continue;
                const picture = path.join(given.folder, `qr-${scheme}-${at}.png`);
                await code.screenshot({ path: picture });
                codes.push({ scheme, picture, name: await code.getAttribute("aria-label") });
            }
        }
        return { codes, choices, text: await card.innerText(), violations: await violations(page) };
    },

    // What each visible row says.
    async list(page, url) {
        await listed(page, url);
        return rows(page).allInnerTexts();
    },

    // A row that comes while the page is open: `given.ready` is where to say that it may come.
    async arrives(page, url, given) {
        await page.goto(url);
        await page.getByText("Nothing has come through yet").waitFor();
        await page.locator(".link.live").first().waitFor();
        fs.writeFileSync(given.ready, "");
        await row(page, given.text).waitFor();
        return page.locator("#empty").isHidden();
    },

    // With keys alone, from a fresh page to a flow's detail and back.
    async keyboard(page, url) {
        const seen = {};
        await listed(page, url);
        const grid = page.getByRole("grid");
        await grid.focus();
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        await page.keyboard.press("k");
        seen.first = await grid.getAttribute("aria-activedescendant") === await rows(page).first().getAttribute("id");
        await page.keyboard.press("ArrowDown");
        seen.chosen = await grid.getAttribute("aria-activedescendant");
        await page.keyboard.press("Enter");
        await page.locator("#detail h2:focus").waitFor();
        seen.opened = `row-${new URL(page.url()).hash.slice(1)}`;
        await page.keyboard.press("Escape");
        await page.locator("#detail").waitFor({ state: "hidden" });
        seen.focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
        await page.keyboard.press("p");
        await page.locator(".row.pinned").waitFor();
        await page.keyboard.press("/");
        seen.filter = await page.evaluate(() => document.activeElement.id);
        await page.keyboard.press("?");
        seen.typed = await page.locator("#filter").inputValue();
        await page.keyboard.press("Escape");
        await page.keyboard.press("?");
        await page.locator("#keys[open]").waitFor();
        await page.keyboard.press("Escape");
        seen.help = await page.locator("#keys").isVisible();
        return seen;
    },

    // For each of the filters: how many rows match, or what is said against it.
    async filters(page, url, given) {
        await listed(page, url);
        const seen = {};
        for (const text of given) {
            await filtered(page, text);
            await page.waitForTimeout(0);
            const wrong = await page.locator("#filter").getAttribute("aria-invalid");
            seen[text] = wrong ? [await page.locator("#filter-says mark").innerText(), await page.locator("#filter-says").innerText()]
                : await page.evaluate(() => document.querySelector("#empty").hidden ? document.querySelectorAll(".rows .row:not([hidden])").length : 0);
        }
        return seen;
    },

    // Milliseconds until the first rows are there, and until all are: `given.count`.
    async opens(page, url, given) {
        const begun = performance.now();
        await listed(page, url);
        const first = performance.now() - begun;
        await page.locator("#count").filter({ hasText: given.count.toLocaleString("en") }).waitFor();
        const all = performance.now() - begun;
        await row(page, given.text).click();
        await page.locator("#detail:not([aria-busy]) h2").waitFor();
        return { first, all, title: await page.locator("#detail h2").innerText() };
    },

    // All of each flow is looked at. What would be markup, were it not text, is counted.
    async looks(page, url) {
        await listed(page, url);
        const texts = [];
        for (let at = 0; at < await rows(page).count(); ++at) {
            await chosen(page, rows(page).nth(at));
            texts.push(await page.locator("#detail h2").innerText());
            for (const each of await page.locator("#detail [role=tab]").all()) {
                await each.click();
                await page.locator("#detail [aria-busy]").waitFor({ state: "detached" });
                texts.push(await panel(page).innerText());
                for (const frame of page.frames().slice(1)) texts.push(await frame.locator("body").innerText());
            }
            await page.keyboard.press("Escape");
        }
        await page.locator("nav a[href='#hosts']").click();
        await page.locator(".hosts").waitFor();
        texts.push(await page.locator("#hosts").innerText());
        const strange = await page.evaluate(() => document.querySelectorAll("img[src=x], svg[onload], [onerror], body script, h2 b").length);
        return { texts, strange, ran: await page.evaluate(() => window.pwned === undefined) };
    },

    // The JSON tree finds what is deep in it.
    async searches(page, url, given) {
        await listed(page, url);
        await opened(page, given.row);
        await tab(page, "Response").click();
        await page.getByRole("searchbox", { name: "Search in this JSON" }).fill(given.text);
        await page.locator(".tree .found").waitFor();
        return [await page.locator(".tree .found").innerText(), await page.locator(".tree .found").isVisible()];
    },

    async messages(page, url, given) {
        await listed(page, url);
        await opened(page, given.row);
        await tab(page, "Messages").click();
        fs.writeFileSync(given.ready, "");
        await panel(page).getByText(given.later).first().waitFor();
        return panel(page).innerText();
    },

    // Sends it again with another path and a header more; what the new row's detail is about.
    async replays(page, url, given) {
        await listed(page, url);
        await opened(page, given.row);
        await page.keyboard.press("r");
        await page.locator("#replay[open]").waitFor();
        await page.locator("#replay [name=url]").fill(given.url);
        const headers = page.locator("#replay [name=headers]");
        const shown = await headers.inputValue();
        await headers.fill(`${shown}\n${given.header}`);
        await page.locator("#replay [name=text]").fill(given.body);
        const before = page.url();
        await page.getByRole("button", { name: "Send", exact: true }).click();
        await page.waitForURL((now) => now.href !== before);
        await page.locator("#detail h2").filter({ hasText: given.url }).waitFor();
        await row(page, "replayed").waitFor();
        return shown;
    },

    // c on one and c on the other: the lines that differ.
    async compares(page, url, given) {
        await listed(page, url);
        for (const text of given.rows) {
            await opened(page, text);
            await page.keyboard.press("c");
        }
        await page.locator("#compare[open] .beside .less, #compare[open] .beside .more").first().waitFor();
        await page.locator("#compare [aria-busy]").waitFor({ state: "detached" });
        return [await page.locator("#compare .less").allInnerTexts(), await page.locator("#compare .more").allInnerTexts()];
    },

    async copies(page, url, given) {
        await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
        await listed(page, url);
        await opened(page, given.row);
        if (given.secrets) {
            await page.getByRole("button", { name: "Show secrets" }).click();
            await page.getByRole("button", { name: "Hide secrets" }).waitFor();
        }
        const seen = {};
        for (const name of ["curl", "fetch", "Python requests", "HTTPie"]) {
            await page.locator(".menu summary").click();
            await page.getByRole("button", { name, exact: true }).click();
            await page.locator("#says").filter({ hasText: name }).waitFor();
            seen[name] = await page.evaluate(() => navigator.clipboard.readText());
        }
        return seen;
    },

    async saves(page, url, given) {
        await listed(page, url);
        const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#export").click()]);
        await download.saveAs(given.file);
        const imported = page.waitForResponse((response) => response.url().endsWith("/api/har") && response.request().method() === "POST");
        await page.locator("#import").setInputFiles(given.file);
        const answer = await imported;
        return [download.suggestedFilename(), answer.status(), await answer.json()];
    },

    // Pinned rows stay, all others go.
    async clears(page, url, given) {
        await listed(page, url);
        await opened(page, given.pinned);
        const kept = page.waitForResponse((response) => /\/api\/flows\/\d+$/.test(response.url()));
        await page.keyboard.press("p");
        await kept;
        await page.getByRole("button", { name: "Clear", exact: true }).click();
        await page.waitForFunction(() => document.querySelectorAll(".rows .row:not([hidden])").length === 1);
        await page.locator("#detail [role=tab]").first().waitFor();
        return [await rows(page).allInnerTexts(), await page.locator("#detail h2").innerText()];
    },

    async pauses(page, url, given) {
        await listed(page, url);
        await page.getByRole("button", { name: "Pause" }).click();
        fs.writeFileSync(given.ready, "");
        await page.locator("#count").filter({ hasText: "1 waiting" }).waitFor();
        const shown = await row(page, given.text).count();
        await page.getByRole("button", { name: "Resume" }).click();
        await row(page, given.text).waitFor();
        return shown;
    },

    // A page of another site: what it gets of the interface, by each way that a page has.
    async strangers(page, url, given) {
        await page.goto(given.elsewhere);
        return page.evaluate(async (live) => {
            const tried = async (task) => { try { return await task(); } catch { return "refused"; } };
            return {
                read: await tried(async () => (await fetch(`${live}api/flows`)).text()),
                token: await tried(async () => (await fetch(live)).text()),
                act: await tried(async () => (await fetch(`${live}api/clear`, { method: "POST", mode: "no-cors", body: "" })).type),
                form: await tried(() => new Promise((done) => {
                    const form = Object.assign(document.createElement("form"), { action: `${live}api/clear`, method: "post", target: "sink" });
                    const frame = Object.assign(document.createElement("iframe"), { name: "sink", onload: () => done("sent") });
                    document.body.append(frame, form);
                    form.submit();
                })),
                framed: await tried(() => new Promise((done) => {
                    const frame = Object.assign(document.createElement("iframe"), { src: live });
                    frame.onload = () => { try { done(frame.contentDocument ? "read" : "closed"); } catch { done("closed"); } };
                    document.body.append(frame);
                })),
                event: await tried(() => new Promise((done) => {
                    const source = new EventSource(`${live}api/events`);
                    source.onopen = () => done("open");
                    source.onerror = () => { source.close(); done("refused"); };
                })),
                script: await tried(() => new Promise((done) => {
                    document.body.append(Object.assign(document.createElement("script"), { src: `${live}api/flows`, onload: () => done("loaded"), onerror: () => done("refused") }));
                })),
            };
        }, url);
    },

    // Many rows, which the list's own question is answered with: few elements, and a second of scrolling.
    async many(page, url, given) {
        const made = Array.from({ length: given.count }, (_, at) => ({
            id: given.count - at, kind: "request", complete: true, flow: `${at}-1`, time: new Date(1_700_000_000_000 + at).toISOString(), client: "127.0.0.1:1", method: "GET",
            url: `https://many.test/${at}`, host: "many.test", port: 443, status: 200, lock: "verified", failed: false, warned: false, protocol: "h2", server_protocol: "h2",
            request_bytes: 0, response_bytes: at, total_ms: 1 }));
        await page.route("**/api/flows?**", (route) => {
            const query = new URL(route.request().url()).searchParams;
            const before = Number(query.get("before") ?? Infinity);
            const left = made.filter((each) => each.id < before);
            const flows = left.slice(0, Number(query.get("limit")));
            route.fulfill({ json: { flows, more: left.length > flows.length, total: made.length } });
        });
        await listed(page, url);
        await page.locator("#count").filter({ hasText: given.count.toLocaleString("en") }).waitFor();
        return page.evaluate(async () => {
            const list = document.querySelector(".list");
            let most = 0;
            let longest = 0;
            for (let at = 0, before = performance.now(); at < 60; ++at) {
                list.scrollTop = (list.scrollHeight * at) / 60;
                await new Promise(requestAnimationFrame);
                most = Math.max(most, document.querySelectorAll(".row").length);
                longest = Math.max(longest, performance.now() - before);
                before = performance.now();
            }
            list.scrollTop = list.scrollHeight;
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            return { most, longest, last: [...document.querySelectorAll(".rows .row:not([hidden])")].at(-1).innerText, count: list.getAttribute("aria-rowcount") };
        });
    },

    // Each view in both colours and sizes: pictures for people to look at, and what an accessibility checker has against it.
    async pictures(page, url, given) {
        const wrong = [];
        const protocol = await page.context().newCDPSession(page);
        const takes = async (name) => {
            for (const [device, size] of Object.entries(SIZES)) {
                await page.setViewportSize(size);
                for (const scheme of ["light", "dark"]) {
                    await page.emulateMedia({ colorScheme: scheme });
                    const { data } = await protocol.send("Page.captureScreenshot", { optimizeForSpeed: true });
                    fs.writeFileSync(path.join(given.folder, `${name}-${device}-${scheme}.png`), data, "base64");
                    // Nothing but colours differs between the two.
                    const rules = scheme === "dark" ? ["color-contrast"] : undefined;
                    wrong.push(...(await violations(page, rules)).map((each) => `${name}, ${device}, ${scheme}: ${each}`));
                }
                const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
                if (over > 0) wrong.push(`${name}, ${device}: ${over} pixels too wide`);
            }
            await page.setViewportSize(SIZES.desktop);
        };
        await page.setViewportSize(SIZES.desktop);
        for (const [name, wanted] of Object.entries(given.views)) {
            await page.goto("about:blank");
            if (wanted.row) {
                await listed(page, url);
                await opened(page, wanted.row);
                await page.locator("#detail:not([aria-busy])").waitFor();
                if (wanted.tab) await tab(page, wanted.tab).click();
                await page.locator("#detail [aria-busy]").waitFor({ state: "detached" });
                for (const frame of page.frames().slice(1)) await frame.locator("main").waitFor({ state: "attached" });
            } else {
                await page.goto(`${wanted.url ?? url}${wanted.hash ?? ""}`);
                await page.locator(wanted.wait).first().waitFor();
            }
            if (wanted.press) {
                await page.keyboard.press(wanted.press);
                await page.locator("dialog[open]").waitFor();
            }
            await takes(name);
        }
        return wrong;
    },
};

async function play(browser, { scenario, url, given }) {
    const context = await browser.newContext({ viewport: SIZES.desktop });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);  // a busy machine takes its time
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text())) complaints.push(`${message.text()} ${message.location().url}`);
    });
    try {
        const result = await scenarios[scenario](page, url, given);
        return complaints.length > 0 && scenario !== "strangers" && scenario !== "filters" ? { error: `the page complained: ${complaints.join("\n")}` } : { result };
    } catch (error) {
        return { error: `${error.stack}\n${complaints.join("\n")}` };
    } finally {
        await context.close();
    }
}

(async () => {
    // As root there is no sandbox to be had; small containers have no room in /dev/shm. Every name is this machine.
    const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--host-resolver-rules=MAP * 127.0.0.1",
        // A page takes the place of the last one in the same process.
        "--disable-features=BackForwardCache,ProactivelySwapBrowsingInstance,RenderDocument,SpareRendererForSitePerProcess"] });
    console.log(JSON.stringify({ ready: true }));
    for await (const line of readline.createInterface({ input: process.stdin })) console.log(JSON.stringify(await play(browser, JSON.parse(line))));
    await browser.close();
})();
