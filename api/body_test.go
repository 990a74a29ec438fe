package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yanlu/internal/fault"
	"yanlu/internal/plain"
)

// TestATextHasOneForm holds how texts come to whatever validates and keeps them.
func TestATextHasOneForm(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`"e\u0301"`:                           `"é"`,
		`"\u1112\u1161\u11ab"`:                `"한"`,
		`"  五 个 空 格 \t\n"`:                    `"五 个 空 格"`,
		"\"\u3000全角空格\u3000\"":                `"全角空格"`,
		`"     "`:                             `""`,
		`"一行\n二行\t表"`:                         `"一行\n二行\t表"`,
		`{"b":" x ","a":["  y",{"c":" z "}]}`: `{"a":["y",{"c":"z"}],"b":"x"}`,
		`{"n":1.10,"big":12345678901234567890,"e":1e2,"t":true,"z":null}`: `{"big":12345678901234567890,"e":1e2,"n":1.10,"t":true,"z":null}`,
		` [ ] `:             `[]`,
		`"买买提·吐尔逊"`:         `"买买提·吐尔逊"`,
		"\"می\u200cخواهم\"": "\"می\u200cخواهم\"",
	} {
		got, err := normalise([]byte(given))
		if err != nil || string(got) != want {
			t.Errorf("%s becomes %s, %v; want %s", given, got, err, want)
		}
	}
}

// TestTheOrderOfKeysDoesNotMatter holds that a client that writes the same body
// otherwise repeats it, and does not reuse its key.
func TestTheOrderOfKeysDoesNotMatter(t *testing.T) {
	t.Parallel()
	one, err1 := normalise([]byte(`{"title":"é","body":"x"}`))
	two, err2 := normalise([]byte("{ \"body\" : \" x\",\n\"title\":\"e\u0301\" }"))
	if err := errors.Join(err1, err2); err != nil || !bytes.Equal(one, two) {
		t.Errorf("%s and %s differ, %v", one, two, err)
	}
}

// TestWhatIsNoTextIsRefused holds which characters are, and that the place is
// named while what stands there is not.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []string{
		`\u0000`, `\u0007`, `\u001b`, `\u007f`, `\u0085`, `\u009f`, `\u202a`, `\u202b`, `\u202d`, `\u202e`, `\u2066`, `\u2069`, `\ud800`, `\ufffd`, "\xff", "\xc3(",
	} {
		for body, path := range map[string]string{
			`{"title":"路灯` + c + `坏了"}`:       "body.title",
			`{"a":{"b":["好","x` + c + `y"]}}`: "body.a.b",
			`"x` + c + `y"`:                   "body",
		} {
			_, err := normalise([]byte(body))
			f := fault.As(err)
			if !errors.Is(err, errCharacters) || len(f.Fields) != 1 || f.Fields[0].Path != path {
				t.Errorf("%q: %v", body, err)
			}
		}
	}
}

// TestWhatIsNoJSONIsMalformed holds that one value comes, and nothing after it.
func TestWhatIsNoJSONIsMalformed(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "{", `{"a":1`, `{"a":1}}`, `{"a":1} {"b":2}`, `{"a":1} x`, `[1,]`, `{'a':1}`, "\ufeff{}", `nan`, `{"a":01}`, strings.Repeat("[", 20000),
	} {
		if _, err := normalise([]byte(raw)); !errors.Is(err, errMalformed) {
			t.Errorf("%.40q: %v", raw, err)
		}
	}
}

// FuzzNormalise holds that nothing panics, that a form is stable, and that every
// text in it is NFC, trimmed and free of what is forbidden.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{
		`{"title":" e\u0301 ","n":1e400}`, `"\u0301 \u0301"`, `["\u202e"]`, `"\ud83d\ude00"`, `{"":{"":" "}}`, "\"\u2000\u0344\u0f73\"", `"\u180e\u180b"`, `nul`, "\"\xf0\x28\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		one, err := normalise(raw)
		if err != nil {
			if fault.As(err) == nil {
				t.Errorf("%q: a cause and no fault: %v", raw, err)
			}
			return
		}
		two, err := normalise(one)
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%q becomes %q and then %q, %v", raw, one, two, err)
		}
		var v any
		if err := json.Unmarshal(one, &v); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			t.Fatalf("%q: %v", one, err)
		}
		everyText(v, func(s string) {
			if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) || strings.TrimFunc(s, unicode.IsSpace) != s || !isPlain(s) {
				t.Errorf("%q keeps the text %q", raw, s)
			}
		})
	})
}

func everyText(v any, look func(string)) {
	switch v := v.(type) {
	case string:
		look(v)
	case []any:
		for _, x := range v {
			everyText(x, look)
		}
	case map[string]any:
		for _, x := range v {
			everyText(x, look)
		}
	}
}

func isPlain(s string) bool {
	_, ok := plain.Text(s)
	return ok
}
