package config_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"yanlu/config"
)

func TestAConfigPrintsWithoutItsSecrets(t *testing.T) {
	c, err := config.Load("", enough("YANLU_REDIS_URL=redis://user:"+password+"@redis:6379/0?password="+password), config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	type app struct {
		Config config.Config
		inner  config.Config
		deep   *config.Config
	}
	a := app{Config: c, inner: c, deep: &c}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{
			c, &c, c.Keys, c.WeChat, c.Database, c.Redis, a, &a, []any{a},
			c.WeChat.Secret, &c.WeChat.Secret, c.Keys.Lookup, c.Database.URL,
		} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, value := range []any{c, &c, a} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	for _, value := range []any{c.Keys, c.Database.URL, c.WeChat.Secret} {
		text, err := yaml.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("settings", "config", c, "pointer", &c, "key", c.Keys.Lookup, "url", c.Redis.URL,
			"keys", c.Keys, "app", a)
	}

	printed := out.String()
	for _, secret := range []string{
		appSecret, token, aesKey, password, keyText(1), keyText(2), string(keyBytes(1)), string(keyBytes(2)),
	} {
		for form, leak := range map[string]string{
			"itself":      secret,
			"hexadecimal": hex.EncodeToString([]byte(secret)),
			"capitals":    strings.ToUpper(hex.EncodeToString([]byte(secret))),
			"numbers":     strings.Trim(fmt.Sprint([]byte(secret)), "[]"),
			"base64":      base64.StdEncoding.EncodeToString([]byte(secret)),
		} {
			if strings.Contains(printed, leak) {
				t.Errorf("%q is printed as %s", secret, form)
			}
		}
	}
	for _, plain := range []string{
		"database.url: postgres://db.internal:5432/yanlu\n", "redis.url: redis://redis:6379/0\n",
		"wechat.secret: (hidden)\n", "wechat.appid: " + appID + "\n", "http.idle_timeout: 2m0s\n",
		`"wechat.secret":"(hidden)"`,
	} {
		if !strings.Contains(printed, plain) {
			t.Errorf("%q is not printed", plain)
		}
	}
}

func TestAnAddressIsShownWithoutItsSecrets(t *testing.T) {
	cases := map[string]struct{ url, want string }{
		"none":              {"", "(not set)"},
		"a file":            {"sqlite:data/yanlu.db", "sqlite:data/yanlu.db"},
		"a password":        {"postgres://u:pass@h:5432/d", "postgres://h:5432/d"},
		"a parameter":       {"postgres://h/d?password=pass#pass", "postgres://h/d"},
		"an opaque address": {"redis:pass", "(hidden)"},
		"what is no URL":    {"postgres://u:pa%ss@h/d", "(hidden)"},
		"a password alone":  {"pass", "(hidden)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := config.NewURL(c.url)
			if u.String() != c.want || u.Reveal() != c.url {
				t.Fatalf("%q is shown as %q and revealed as %q", c.url, u, u.Reveal())
			}
		})
	}
}

func TestASecretKnowsWhetherItIsSet(t *testing.T) {
	var none config.Secret
	if !none.IsZero() || none.Reveal() != "" || none.String() != "(not set)" || !none.Equal(config.NewSecret("")) {
		t.Errorf("a secret not set is %v", none)
	}
	if config.NewSecret("a").Equal(config.NewSecret("b")) || config.NewSecret("a").IsZero() {
		t.Error("two secrets are one")
	}
	if b := (config.Key{}).Bytes(); b != nil {
		t.Errorf("a key not set has bytes: %v", b)
	}
	k := config.NewKey(keyBytes(1))
	clear(k.Bytes())
	if !bytes.Equal(k.Bytes(), keyBytes(1)) {
		t.Error("a caller can change a key")
	}
}
