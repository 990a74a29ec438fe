package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/config"
)

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	path := write(t, `
listen: nowhere
surprise: 1
log: {level: loud, colour: true}
database: [1]
limits: {login_per_hour: "many", binding_per_hour: 0}
wechat: {secret: 123456, templates: {visit: {id: a}}}
http.max_body: 5
`)
	env := []string{"YANLU_LISTN=x", "YANLU_SESSION_SLIDING=720", "YANLU_CONFIG_FILE=x", "YANLU_PUSH_BATCH=ten"}
	_, err := config.Load(path, env, config.Demo)
	if err == nil {
		t.Fatal("all of it was taken")
	}
	want := []string{
		`push.batch (set by YANLU_PUSH_BATCH): must be a whole number, not "ten"`,
		`YANLU_CONFIG_FILE: is not a setting of this program`,
		`YANLU_LISTN: is not a setting of this program`,
		`database: must be a section with keys of its own, not a list`,
		`http.max_body: is not a setting of this program`,
		`log.colour: is not a setting of this program`,
		`surprise: is not a setting of this program`,
		`log.level: must be debug, info, warn or error`,
		`wechat.secret: must be text, not a number; write it in quotes`,
		`session.sliding (set by YANLU_SESSION_SLIDING): must be a duration such as "90s", "15m" or "720h"`,
		`limits.login_per_hour: must be a whole number, not a text`,
		`listen: must be HOST:PORT such as "127.0.0.1:8080", not "nowhere"`,
		`limits.binding_per_hour: must be from 1 to 100000, not 0`,
		`wechat.templates.visit: is not an event; known are decision, reply, progress, task, reminder`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Fatal(diff)
	}
}

func TestAValueOutOfItsRangeIsRefused(t *testing.T) {
	cases := map[string]struct{ entry, key string }{
		"no port":                           {"YANLU_LISTEN=127.0.0.1", "listen"},
		"a port too high":                   {"YANLU_LISTEN=:65536", "listen"},
		"a port with a name":                {"YANLU_LISTEN=:http", "listen"},
		"no address":                        {"YANLU_LISTEN=", "listen"},
		"a proxy that is no network":        {"YANLU_TRUSTED_PROXIES=10.0.0.1", "trusted_proxies"},
		"everybody as a proxy":              {"YANLU_TRUSTED_PROXIES=0.0.0.0/0", "trusted_proxies"},
		"everybody as a proxy over IPv6":    {"YANLU_TRUSTED_PROXIES=10.0.0.0/8,::/0", "trusted_proxies"},
		"a public address without TLS":      {"YANLU_PUBLIC_URL=http://yanlu.example.cn", "public_url"},
		"a public address with a password":  {"YANLU_PUBLIC_URL=https://u:secret@yanlu.example.cn", "public_url"},
		"a public address with a slash":     {"YANLU_PUBLIC_URL=https://yanlu.example.cn/", "public_url"},
		"a public address that is a name":   {"YANLU_PUBLIC_URL=yanlu.example.cn", "public_url"},
		"a claim shorter than two calls":    {"YANLU_SAFETY_LEASE=10s", "wechat.timeout"},
		"a patience of seconds":             {"YANLU_SAFETY_PATIENCE=1s", "safety.patience"},
		"another level":                     {"YANLU_LOG_LEVEL=info+2", "log.level"},
		"another format":                    {"YANLU_LOG_FORMAT=xml", "log.format"},
		"another database":                  {"YANLU_DATABASE_URL=mysql://u:secret@h/d", "database.url"},
		"a database without a name":         {"YANLU_DATABASE_URL=postgres://u:secret@h/", "database.url"},
		"a database that cannot be read":    {"YANLU_DATABASE_URL=postgres://u:secret%@h/d", "database.url"},
		"SQLite without a file":             {"YANLU_DATABASE_URL=sqlite:", "database.url"},
		"SQLite in a folder":                {"YANLU_DATABASE_URL=sqlite:data/", "database.url"},
		"SQLite in memory":                  {"YANLU_DATABASE_URL=sqlite::memory:", "database.url"},
		"SQLite with parameters":            {"YANLU_DATABASE_URL=sqlite:a.db?mode=ro", "database.url"},
		"no connection":                     {"YANLU_DATABASE_MAX_OPEN_CONNS=0", "database.max_open_conns"},
		"too many connections":              {"YANLU_DATABASE_MAX_OPEN_CONNS=1001", "database.max_open_conns"},
		"Redis by its host alone":           {"YANLU_REDIS_URL=redis:6379", "redis.url"},
		"Redis that cannot be read":         {"YANLU_REDIS_URL=redis://:secret%@h", "redis.url"},
		"a short key":                       {"YANLU_KEYS_ENCRYPTION=c2VjcmV0", "keys.encryption"},
		"a key in hexadecimal":              {"YANLU_KEYS_ENCRYPTION=" + strings.Repeat("5ec7e7", 10), "keys.encryption"},
		"a key that is no base64":           {"YANLU_KEYS_LOOKUP=secret!", "keys.lookup"},
		"another state of the program":      {"YANLU_WECHAT_PROGRAM_STATE=beta", "wechat.program_state"},
		"a page to bind with a slash":       {"YANLU_WECHAT_BIND_PAGE=/pages/bind/index", "wechat.bind_page"},
		"no time for WeChat":                {"YANLU_WECHAT_TIMEOUT=0s", "wechat.timeout"},
		"a session without end":             {"YANLU_SESSION_ABSOLUTE=87600h", "session.absolute"},
		"a session shorter than its visits": {"YANLU_SESSION_ABSOLUTE=719h", "session.sliding"},
		"a session of no time":              {"YANLU_SESSION_SLIDING=-1h", "session.sliding"},
		"no request":                        {"YANLU_LIMITS_REQUESTS_PER_MINUTE=0", "limits.requests_per_minute"},
		"no login":                          {"YANLU_LIMITS_LOGIN_PER_HOUR=-1", "limits.login_per_hour"},
		"no binding":                        {"YANLU_LIMITS_BINDING_PER_HOUR=0", "limits.binding_per_hour"},
		"a busy dispatcher":                 {"YANLU_PUSH_INTERVAL=1ms", "push.interval"},
		"no batch":                          {"YANLU_PUSH_BATCH=0", "push.batch"},
		"a lease shorter than one call":     {"YANLU_PUSH_LEASE=5s", "wechat.timeout"},
		"no attempt":                        {"YANLU_PUSH_MAX_ATTEMPTS=0", "push.max_attempts"},
		"a busy sealer":                     {"YANLU_JOBS_AUDIT=1ms", "jobs.audit"},
		"answers kept too short":            {"YANLU_IDEMPOTENCY_KEEP=1m", "idempotency.keep"},
		"no time to read":                   {"YANLU_HTTP_READ_TIMEOUT=0s", "http.read_timeout"},
		"no time to write":                  {"YANLU_HTTP_WRITE_TIMEOUT=11m", "http.write_timeout"},
		"no time to idle":                   {"YANLU_HTTP_IDLE_TIMEOUT=0s", "http.idle_timeout"},
		"a head longer than its request":    {"YANLU_HTTP_READ_HEADER_TIMEOUT=16s", "http.read_header_timeout"},
		"no time to stop":                   {"YANLU_HTTP_SHUTDOWN=0s", "http.shutdown"},
		"a body too small":                  {"YANLU_HTTP_MAX_BODY=1", "http.max_body"},
		"a body too large":                  {"YANLU_HTTP_MAX_BODY=99999999999", "http.max_body"},
		"a number with a unit":              {"YANLU_HTTP_MAX_BODY=1MiB", "http.max_body"},
		"a duration without a unit":         {"YANLU_HTTP_SHUTDOWN=20", "http.shutdown"},
		"templates that are no map":         {"YANLU_WECHAT_TEMPLATES=reply", "wechat.templates"},
		"an unknown key of a template":      {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b, fields: {thing1: title}, colour: x}}`, "wechat.templates.reply.colour"},
		"a template without an id":          {`YANLU_WECHAT_TEMPLATES={reply: {page: b, fields: {thing1: title}}}`, "wechat.templates.reply.id"},
		"a template that opens no page":     {`YANLU_WECHAT_TEMPLATES={reply: {id: a, fields: {thing1: title}}}`, "wechat.templates.reply.page"},
		"a page with a slash before it":     {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: /b, fields: {thing1: title}}}`, "wechat.templates.reply.page"},
		"a template without fields":         {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b}}`, "wechat.templates.reply.fields"},
		"a field that WeChat has not":       {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b, fields: {text1: title}}}`, "wechat.templates.reply.fields.text1"},
		"a text for a date":                 {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b, fields: {date1: title}}}`, "wechat.templates.reply.fields.date1"},
		"a due date that a reply has not":   {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b, fields: {date1: due}}}`, "wechat.templates.reply.fields.date1"},
		"a value that we have not":          {`YANLU_WECHAT_TEMPLATES={reply: {id: a, page: b, fields: {thing1: phone}}}`, "wechat.templates.reply.fields.thing1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", []string{c.entry}, config.Demo)
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Load: %v; want one line", err)
			}
			got, _, _ := strings.Cut(err.Error(), ":")
			if got, _, _ = strings.Cut(got, " "); got != c.key {
				t.Fatalf("the problem is said to be of %s: %v", got, err)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "5ec7e7") {
				t.Fatalf("the problem repeats a secret: %v", err)
			}
		})
	}
}

func TestCredentialsOfTheWrongFormAreRefusedAndNotRepeated(t *testing.T) {
	cases := map[string]struct{ entry, key string }{
		"an appid of another product": {"YANLU_WECHAT_APPID=gh_0123456789abcdef", "wechat.appid"},
		"a secret that was cut":       {"YANLU_WECHAT_SECRET=" + appSecret[1:], "wechat.secret"},
		"a token with a space":        {"YANLU_WECHAT_CALLBACK_TOKEN=two words", "wechat.callback_token"},
		"a callback key with its =":   {"YANLU_WECHAT_CALLBACK_AES_KEY=" + aesKey + "=", "wechat.callback_aes_key"},
		"one key twice":               {"YANLU_KEYS_LOOKUP=" + keyText(1), "keys.lookup"},
		"a key for the audit too":     {"YANLU_KEYS_AUDIT=" + keyText(2), "keys.audit"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", enough(c.entry), config.Serve)
			if err == nil || !strings.HasPrefix(err.Error(), c.key+" ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Load: %v; want one line about %s", err, c.key)
			}
			if _, value, _ := strings.Cut(c.entry, "="); strings.Contains(err.Error(), value) {
				t.Fatalf("the problem repeats its value: %v", err)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsOneProblem(t *testing.T) {
	folder := t.TempDir()
	cases := map[string]struct{ path, says string }{
		"none":                {filepath.Join(folder, "none.yaml"), "no such file"},
		"a folder":            {folder, "is a directory"},
		"no YAML":             {write(t, "listen: [\n"), "not valid YAML"},
		"a text":              {write(t, "s3cret-of-somebody"), "not valid YAML"},
		"a key twice":         {write(t, "listen: a\nlisten: b\n"), "already defined"},
		"two documents":       {write(t, "listen: ':1'\n---\nlisten: ':2'\n"), "more than one YAML document"},
		"keys that are lists": {write(t, "? [s3cret]\n: 1\n"), "not valid YAML"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(c.path, nil, config.Serve)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Load: %v; want one line that says %q", err, c.says)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Fatalf("the problem quotes the file: %v", err)
			}
		})
	}
}

func TestValuesOfTheWrongKindAreRefusedInYAML(t *testing.T) {
	cases := map[string]struct{ yaml, says string }{
		"a number for a text":        {"listen: 8080", "listen: must be text, not a number"},
		"a date for a text":          {"listen: 2026-10-01", "must be text, not a date"},
		"a truth for a text":         {"log: {format: true}", "must be text, not true or false"},
		"nanoseconds for a duration": {"session: {sliding: 720}", "session.sliding: must be text, not a number"},
		"a fraction for a number":    {"push: {batch: 1.5}", "push.batch: must be a whole number, not a number"},
		"a text for a list":          {"trusted_proxies: 10.0.0.0/8", "trusted_proxies: must be a list of texts, not a text"},
		"a number in a list":         {"trusted_proxies: [10]", "trusted_proxies: must be a list of texts, but has a number"},
		"nothing for a text":         {"listen:", "listen: has no value"},
		"a section for a text":       {"wechat: {secret: {a: s3cret}}", "wechat.secret: must be text, not a section"},
		"a text for a section":       {"wechat: s3cret", "wechat: must be a section"},
		"a number for a key":         {"keys: {lookup: 12}", "keys.lookup: must be text, not a number"},
		"a list for templates":       {"wechat: {templates: [s3cret]}", "wechat.templates: must be a section"},
		"a text for a template":      {"wechat: {templates: {reply: s3cret}}", "wechat.templates.reply: must be a section"},
		"a number for a template id": {"wechat: {templates: {reply: {id: 7, page: a, fields: {thing1: title}}}}", "reply.id: must be text"},
		"a list for its fields":      {"wechat: {templates: {reply: {id: a, page: a, fields: [thing1]}}}", "reply.fields: must be a section"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(write(t, c.yaml), nil, config.Demo)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") {
				t.Fatalf("Load: %v; want %q", err, c.says)
			}
		})
	}
}

func TestASecretOfNoUseInAFileIsRefused(t *testing.T) {
	cases := map[string]struct {
		env  []string
		says string
	}{
		"none":             {[]string{"YANLU_WECHAT_SECRET_FILE=" + filepath.Join(t.TempDir(), "none")}, "no such file"},
		"a folder":         {[]string{"YANLU_WECHAT_SECRET_FILE=" + t.TempDir()}, "is a directory"},
		"empty":            {[]string{"YANLU_WECHAT_SECRET_FILE=" + write(t, "\n")}, "is empty"},
		"too large":        {[]string{"YANLU_WECHAT_SECRET_FILE=" + write(t, strings.Repeat("a", 1<<16+1))}, "more than 65536 bytes"},
		"two secrets":      {[]string{"YANLU_WECHAT_SECRET_FILE=x", "YANLU_WECHAT_SECRET=" + appSecret}, "is given twice"},
		"two, one nothing": {[]string{"YANLU_WECHAT_SECRET_FILE=x", "YANLU_WECHAT_SECRET="}, "is given twice"},
		"of no secret":     {[]string{"YANLU_LISTEN_FILE=x"}, "YANLU_LISTEN_FILE: is not a setting"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", c.env, config.Demo)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Load: %v; want one line that says %q", err, c.says)
			}
		})
	}
}
