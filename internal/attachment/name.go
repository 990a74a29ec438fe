package attachment

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name of an attachment without its extension, in
// characters.
const maxName = 60

// safeName makes a name that may be shown, and may be the name of a file on any
// system: no path, no control characters, none that turn the direction of text
// or are not seen, none that systems reserve; at most 60 characters; the
// extension of the media type.
func safeName(name, mediaType string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	extension := extensions[mediaType]
	for { // "报告.pdf.exe" has two
		name = strings.TrimRightFunc(name, unicode.IsSpace)
		given := path.Ext(name)
		if !knownExtension(given) {
			break
		}
		name = strings.TrimSuffix(name, given)
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if n := []rune(name); len(n) > maxName {
		name = strings.Trim(string(n[:maxName]), " .")
	}
	switch {
	case name != "":
	case mediaType == JPEG:
		name = "照片"
	default:
		name = "文件"
	}
	if reserved(name) {
		name = "_" + name
	}
	return name + extension
}

// knownExtension reports whether an extension is one that the right one takes
// the place of, rather than a part of the name ("第3.1节").
func knownExtension(given string) bool {
	given = strings.ToLower(given)
	switch given {
	case ".jpeg", ".png", ".heic", ".heif", ".txt", ".doc", ".xls", ".docm", ".xlsm", ".tmp", ".exe", ".html", ".htm", ".svg", ".js", ".zip", ".gif", ".bmp", ".webp", ".mov", ".aac", ".wav":
		return true
	}
	for _, e := range extensions {
		if given == e {
			return true
		}
	}
	return false
}

// reserved reports the names of devices on Windows, which no file may have.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

// Disposition is the Content-Disposition (RFC 6266) under which an attachment is
// served: pictures may be shown, files are saved. The name stands in it twice:
// in UTF-8 (RFC 5987), and in ASCII for clients that do not know that.
func (a Attachment) Disposition() string {
	how := "attachment"
	if a.Sort == Picture {
		how = "inline"
	}
	plain := "file" + extensions[a.MediaType]
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, how, plain, escape(a.Name))
}

// escape encodes what is no attr-char of RFC 5987.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
