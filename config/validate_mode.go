package config

import (
	"path"
	"strings"
)

// required is a setting for which only the demo has a value.
type required struct{ key, value, demo string }

// required returns the settings that Serve must be given.
func (c *Config) required() []required {
	return []required{
		{"database.url", cleaned(c.Database.URL.Reveal()), demoDatabase},
		{"keys.encryption", c.Keys.Encryption.Reveal(), demoEncryption},
		{"keys.lookup", c.Keys.Lookup.Reveal(), demoLookup},
		{"keys.audit", c.Keys.Audit.Reveal(), demoAudit},
		{"wechat.appid", c.WeChat.AppID, demoAppID},
		{"wechat.secret", c.WeChat.Secret.Reveal(), demoSecret},
		{"wechat.callback_token", c.WeChat.CallbackToken.Reveal(), demoToken},
		{"wechat.callback_aes_key", c.WeChat.CallbackAESKey.Reveal(), demoAESKey},
	}
}

// validateServe refuses what is not set and what the demo uses: real data must
// not be protected by what everybody can read in the source code.
func (c *Config) validateServe(p *problems) {
	for _, r := range c.required() {
		switch {
		case r.value == "":
			p.add(r.key, "is not set, and has no default")
		case r.value == r.demo || r.value == demoEncryption || r.value == demoLookup || r.value == demoAudit:
			p.add(r.key, "is a value of the demo, which everybody knows")
		case strings.HasPrefix(r.key, "keys.") && strings.Count(r.value, r.value[:1]) == len(r.value):
			p.add(r.key, "is no random key; make one with: openssl rand -base64 32")
		}
	}
}

// refuseRealWeChat reports credentials in the demo: its WeChat is a simulator,
// and somebody who gave them expects the real one.
func (c *Config) refuseRealWeChat(p *problems) {
	for _, r := range c.required() {
		if strings.HasPrefix(r.key, "wechat.") && r.value != "" && r.value != r.demo {
			p.add(r.key, "is not used by the demo, which talks to a simulated WeChat; run serve, or remove it")
		}
	}
}

// cleaned brings the path of a SQLite file to its shortest form.
func cleaned(address string) string {
	if file, ok := strings.CutPrefix(address, sqlitePrefix); ok {
		return sqlitePrefix + path.Clean(file)
	}
	return address
}
