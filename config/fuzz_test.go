package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yanlu/config"
)

func FuzzLoadTakesAnything(f *testing.F) {
	text, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(text), "", "a", "- a", "null", "~: 1", "1: {2: 3}", "wechat: {templates: {reply: {fields: {1: 2}}}}",
		"wechat: &a {templates: *a}", "log: {? {a: b} : c}", "a.b.c: 1", "wechat:\n  templates:\n    reply:\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		env := []string{"YANLU_WECHAT_TEMPLATES=" + text, "YANLU_TRUSTED_PROXIES=" + text}
		for _, mode := range []config.Mode{config.Demo, config.Serve} {
			c, err := config.Load(path, env, mode)
			if mode == config.Serve && err == nil {
				t.Fatalf("serve started with %q and no environment", text)
			}
			if err != nil && strings.Contains(err.Error(), "%!") {
				t.Fatalf("a message is not well formed: %v", err)
			}
			_ = c.String()
		}
	})
}
