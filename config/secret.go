package config

import (
	"log/slog"
	"net/url"
	"strings"
)

// Secret is a text that is never printed. The zero Secret is one that is not set.
type Secret struct {
	// The text stands inside a function because fmt, asked for a struct that
	// holds a Secret in an unexported field, calls no method of it but prints
	// its fields by reflection, following even pointers for a verb such as %s.
	// Of a function it prints the address and no more.
	reveal func() string
	shown  string
}

// NewSecret returns a Secret that holds text. An empty text is one not set.
func NewSecret(text string) Secret { return newSecret(text, "(hidden)") }

func newSecret(text, shown string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return text }, shown: shown}
}

// Reveal returns the text itself, or nothing if it is not set. Its result goes
// to the one who needs it, never to a log or an error.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether the secret is not set.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal reports whether both hold the same text.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String says whether the secret is set, and nothing more.
func (s Secret) String() string {
	if s.IsZero() {
		return "(not set)"
	}
	return s.shown
}

// GoString returns what String returns.
func (s Secret) GoString() string { return s.String() }

// LogValue gives package log/slog what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText gives JSON and YAML what String returns. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Key is a Secret of 32 bytes.
type Key struct{ Secret }

// NewKey returns a Key that holds a copy of b. No bytes are a key not set; the
// length is checked by Load, not here.
func NewKey(b []byte) Key { return Key{NewSecret(string(b))} }

// Bytes returns a copy of the key, or nil if it is not set.
func (k Key) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return []byte(k.Reveal())
}

// URL is the address of a service, which may hold a password. It is printed
// without its user and its parameters.
type URL struct{ Secret }

// NewURL returns the URL that text spells. An empty text is one not set.
func NewURL(text string) URL { return URL{newSecret(text, showURL(text))} }

// showURL returns what may be printed of an address.
func showURL(text string) string {
	if strings.HasPrefix(text, sqlitePrefix) {
		return text
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Scheme == "" {
		return "(hidden)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
