package wechat

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// maxMessage is the most characters that are kept of a foreign error text.
const maxMessage = 200

// struck stands where a secret stood.
const struck = "***"

// secretPattern finds what looks like a secret with its name before it, in a URL
// or in JSON, should a secret turn up that nobody named.
var secretPattern = regexp.MustCompile(
	`(?i)\b(access_token|appsecret|secret|js_code|session_key|code|token)(["']?\s*[=:]\s*["']?)[^&\s"',}]+`)

// scrub returns the text fit for a log: each of the secrets struck out, as it is
// and as it stands in a URL; what looks like one struck out too; no control
// characters, so that it stays one line; at most 200 characters.
func scrub(text string, secrets ...string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue // striking it out would garble the text
		}
		text = strings.ReplaceAll(text, secret, struck)
		text = strings.ReplaceAll(text, url.QueryEscape(secret), struck)
	}
	text = secretPattern.ReplaceAllString(text, "$1$2"+struck)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage])
	}
	return text
}
