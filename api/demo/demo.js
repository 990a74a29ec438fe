'use strict';
// Plays one person's telephone: asks the simulated platform for a login code,
// logs in, and binds by phone number the first time.
const el = id => document.getElementById(id);

async function call(path, body, token) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = 'Bearer ' + token;
  const r = await fetch(path, { method: 'POST', credentials: 'omit', headers, body: body ? JSON.stringify(body) : undefined });
  const answer = await r.json();
  if (!r.ok) throw new Error(answer.title);
  return answer;
}

async function login(person, name) {
  el('problem').hidden = true;
  try {
    const { code } = await call(`/demo/people/${person}/login-code`);
    const session = await call('/v1/login', { code, device: '演示页' });
    if (!session.bound) {
      const phone = await call(`/demo/people/${person}/phone-code`);
      await call('/v1/bindings/phone', { code: phone.code }, session.token);
    }
    el('who').textContent = '已用' + name + '的手机登录';
    el('token').textContent = session.token;
    el('session').hidden = false;
    el('session').scrollIntoView({ block: 'nearest' });
  } catch (e) {
    el('problem').textContent = e.message;
    el('problem').hidden = false;
  }
}

async function pushes() {
  const list = await (await fetch('/demo/pushes')).json();
  if (!list || !list.length) return;
  el('pushes').replaceChildren(...list.map(p => {
    const li = document.createElement('li');
    const add = (tag, text) => { const x = document.createElement(tag); x.textContent = text; li.append(x); };
    add('time', new Date(p.at).toLocaleTimeString('zh-CN', { timeZone: 'Asia/Shanghai' }));
    add('strong', p.to);
    p.fields.forEach(f => add('span', f));
    return li;
  }));
}

document.querySelectorAll('button[data-person]').forEach(b =>
  b.addEventListener('click', () => login(b.dataset.person, b.dataset.name)));
el('copy').addEventListener('click', () => navigator.clipboard.writeText(el('token').textContent));
setInterval(pushes, 2000);
