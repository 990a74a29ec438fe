package config_test

import (
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/config"
)

const (
	appID     = "wx0123456789abcdef"
	appSecret = "0123456789abcdef0123456789ABCDEF"
	token     = "callbackTOKEN1"
	aesKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	password  = "p4ssw0rd"
	postgres  = "postgres://yanlu:" + password + "@db.internal:5432/yanlu?sslmode=disable"
)

func keyText(first byte) string { return base64.StdEncoding.EncodeToString(keyBytes(first)) }

func keyBytes(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// enough are the names without which Serve does not start.
func enough(more ...string) []string {
	return append([]string{
		"YANLU_DATABASE_URL=" + postgres,
		"YANLU_KEYS_ENCRYPTION=" + keyText(1),
		"YANLU_KEYS_LOOKUP=" + keyText(2),
		"YANLU_KEYS_AUDIT=" + keyText(4),
		"YANLU_WECHAT_APPID=" + appID,
		"YANLU_WECHAT_SECRET=" + appSecret,
		"YANLU_WECHAT_CALLBACK_TOKEN=" + token,
		"YANLU_WECHAT_CALLBACK_AES_KEY=" + aesKey,
	}, more...)
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDemoNeedsNothing(t *testing.T) {
	got, err := config.Load("", []string{"PATH=/bin", "HOME=/root"}, config.Demo)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(config.Demo), got); diff != "" {
		t.Fatal(diff)
	}
	if got.Database.URL.Reveal() != "sqlite:data/yanlu.db" || got.Listen != "127.0.0.1:8080" {
		t.Fatalf("the demo is not in its place:\n%s", got)
	}
	if len(got.Keys.Encryption.Bytes()) != 32 || len(got.Keys.Lookup.Bytes()) != 32 {
		t.Fatal("the keys of the demo have not 32 bytes")
	}
}

func TestServeNamesAllThatIsMissing(t *testing.T) {
	_, err := config.Load("", nil, config.Serve)
	if err == nil {
		t.Fatal("serve started with nothing")
	}
	want := []string{
		"database.url: is not set, and has no default",
		"keys.encryption: is not set, and has no default",
		"keys.lookup: is not set, and has no default",
		"keys.audit: is not set, and has no default",
		"wechat.appid: is not set, and has no default",
		"wechat.secret: is not set, and has no default",
		"wechat.callback_token: is not set, and has no default",
		"wechat.callback_aes_key: is not set, and has no default",
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Fatal(diff)
	}
}

func TestServeRefusesEachValueOfTheDemo(t *testing.T) {
	demo := config.Default(config.Demo)
	encode := base64.StdEncoding.EncodeToString
	cases := map[string]struct{ entry, key string }{
		"its database":                {"YANLU_DATABASE_URL=" + demo.Database.URL.Reveal(), "database.url"},
		"its database written longer": {"YANLU_DATABASE_URL=sqlite:./data//yanlu.db", "database.url"},
		"its encryption key":          {"YANLU_KEYS_ENCRYPTION=" + encode(demo.Keys.Encryption.Bytes()), "keys.encryption"},
		"its audit key":               {"YANLU_KEYS_AUDIT=" + encode(demo.Keys.Audit.Bytes()), "keys.audit"},
		"its look-up key":             {"YANLU_KEYS_LOOKUP=" + encode(demo.Keys.Lookup.Bytes()), "keys.lookup"},
		"its keys exchanged":          {"YANLU_KEYS_LOOKUP=" + encode(demo.Keys.Encryption.Bytes()), "keys.lookup"},
		"a key of zeros":              {"YANLU_KEYS_LOOKUP=" + encode(make([]byte, 32)), "keys.lookup"},
		"its appid":                   {"YANLU_WECHAT_APPID=" + demo.WeChat.AppID, "wechat.appid"},
		"its secret":                  {"YANLU_WECHAT_SECRET=" + demo.WeChat.Secret.Reveal(), "wechat.secret"},
		"its token":                   {"YANLU_WECHAT_CALLBACK_TOKEN=" + demo.WeChat.CallbackToken.Reveal(), "wechat.callback_token"},
		"its callback key":            {"YANLU_WECHAT_CALLBACK_AES_KEY=" + demo.WeChat.CallbackAESKey.Reveal(), "wechat.callback_aes_key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", enough(c.entry), config.Serve)
			if err == nil || !strings.HasPrefix(err.Error(), c.key+" ") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Load: %v; want one line about %s", err, c.key)
			}
		})
	}
}

func TestTheDemoRefusesARealWeChat(t *testing.T) {
	_, err := config.Load("", []string{"YANLU_WECHAT_APPID=" + appID, "YANLU_WECHAT_SECRET=" + appSecret}, config.Demo)
	if err == nil || strings.Count(err.Error(), "simulated WeChat") != 2 {
		t.Fatalf("Load: %v", err)
	}
}

func TestTheDemoTakesADatabaseOfItsOwn(t *testing.T) {
	got, err := config.Load("", []string{"YANLU_DATABASE_URL=" + postgres, "YANLU_KEYS_LOOKUP=" + keyText(3)}, config.Demo)
	if err != nil {
		t.Fatal(err)
	}
	if got.Database.URL.Reveal() != postgres || !got.Keys.Lookup.Equal(config.NewKey(keyBytes(3)).Secret) {
		t.Fatalf("what was set was replaced:\n%s", got)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	path := write(t, `
listen: "0.0.0.0:80"
trusted_proxies: ["10.0.0.0/8", "fd00::/8"]
log: {level: debug}
database:
limits:
  login_per_hour: 7
  binding_per_hour: 8
wechat:
  timeout: 3s
  templates:
    reply: {id: old, page: old, fields: {thing1: title, phrase2: status}}
`)
	env := enough(
		"YANLU_CONFIG="+path, "YANLU_LOG_LEVEL=warn", "YANLU_LIMITS_LOGIN_PER_HOUR=9", "YANLU_HTTP_MAX_BODY=4096",
		`YANLU_WECHAT_TEMPLATES={"reply": {"id": "new", "page": "pages/inbox/index", "fields": {"thing9": "note"}}}`,
		"YANLU_TEST_POSTGRES=ignored", "YANLU_TEST_ANYTHING=", "yanlu_listen=ignored",
	)
	got, err := config.Load("", env, config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default(config.Serve)
	want.Listen = "0.0.0.0:80"
	want.TrustedProxies = []string{"10.0.0.0/8", "fd00::/8"}
	want.Log.Level = slog.LevelWarn
	want.Database.URL = config.NewURL(postgres)
	want.Keys = config.Keys{Encryption: config.NewKey(keyBytes(1)), Lookup: config.NewKey(keyBytes(2)), Audit: config.NewKey(keyBytes(4))}
	want.Limits.LoginPerHour, want.Limits.BindingPerHour = 9, 8
	want.HTTP.MaxBody = 4096
	want.WeChat = config.WeChat{
		AppID: appID, Secret: config.NewSecret(appSecret), CallbackToken: config.NewSecret(token),
		CallbackAESKey: config.NewSecret(aesKey), ProgramState: "formal", BindPage: "pages/bind/index", Timeout: 3 * time.Second,
		Templates: map[string]config.Template{
			"reply": {ID: "new", Page: "pages/inbox/index", Fields: map[string]string{"thing9": "note"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestAPathThatIsGivenWinsOverTheEnvironment(t *testing.T) {
	given, named := write(t, "listen: 127.0.0.1:1001"), write(t, "listen: 127.0.0.1:1002")
	got, err := config.Load(given, []string{"YANLU_CONFIG=" + named}, config.Demo)
	if err != nil || got.Listen != "127.0.0.1:1001" {
		t.Fatalf("Load: %q, %v", got.Listen, err)
	}
}

func TestAListInTheEnvironmentHasCommas(t *testing.T) {
	got, err := config.Load("", []string{"YANLU_TRUSTED_PROXIES= 10.0.0.0/8 ,127.0.0.1/32,"}, config.Demo)
	if diff := cmp.Diff([]string{"10.0.0.0/8", "127.0.0.1/32"}, got.TrustedProxies); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	got, err = config.Load("", []string{"YANLU_TRUSTED_PROXIES="}, config.Demo)
	if err != nil || len(got.TrustedProxies) != 0 {
		t.Fatal(err, got.TrustedProxies)
	}
}

func TestASecretIsReadFromItsFile(t *testing.T) {
	var env []string
	for _, entry := range enough() {
		name, value, _ := strings.Cut(entry, "=")
		if name == "YANLU_WECHAT_APPID" {
			env = append(env, entry)
			continue
		}
		env = append(env, name+"_FILE="+write(t, value+"\r\n"))
	}
	env = append(env, "YANLU_REDIS_URL_FILE="+write(t, "redis://:"+password+"@redis:6379/0"))
	got, err := config.Load("", env, config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	want, err := config.Load("", enough("YANLU_REDIS_URL=redis://:"+password+"@redis:6379/0"), config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnEmptySecretIsOneNotSet(t *testing.T) {
	if _, err := config.Load("", []string{"YANLU_WECHAT_SECRET=", "YANLU_KEYS_LOOKUP="}, config.Demo); err != nil {
		t.Errorf("the demo: %v", err)
	}
	_, err := config.Load("", enough("YANLU_WECHAT_SECRET="), config.Serve)
	if err == nil || err.Error() != "wechat.secret (set by YANLU_WECHAT_SECRET): is not set, and has no default" {
		t.Errorf("serve: %v", err)
	}
}

func TestAnUnknownModeIsRefused(t *testing.T) {
	if _, err := config.Load("", nil, 0); err == nil {
		t.Fatal("no mode was taken for one")
	}
}
