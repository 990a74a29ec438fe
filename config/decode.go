package config

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// decode sets the field to what YAML gave for it. It is strict where koanf
// would convert: a number for a text has lost its leading zeros already, and a
// number for a duration would be taken for nanoseconds.
func (f field) decode(raw any, p *problems) {
	if raw == nil {
		p.add(f.key, "has no value: remove the key, or write \"\" for none")
		return
	}
	if templates, ok := f.target.(*map[string]Template); ok {
		*templates = decodeTemplates(f.key, raw, p)
		return
	}
	if list, ok := f.target.(*[]string); ok {
		*list = decodeList(f.key, raw, p)
		return
	}
	if number := intOf(f.target); number != nil {
		value, ok := raw.(int)
		if !ok {
			p.add(f.key, "must be a whole number, not %s", kindOf(raw))
			return
		}
		number(value)
		return
	}
	text, ok := raw.(string)
	if !ok {
		p.add(f.key, "must be text, not %s; write it in quotes", kindOf(raw))
		return
	}
	if err := setText(f.target, text); err != nil {
		p.add(f.key, "%w", err)
	}
}

// intOf returns what sets the whole number at target, or nil if it is none.
func intOf(target any) func(int) {
	switch t := target.(type) {
	case *int:
		return func(n int) { *t = n }
	case *int64:
		return func(n int) { *t = int64(n) }
	}
	return nil
}

// setText sets target to what text means for its type. Errors about secrets do
// not repeat the text.
func setText(target any, text string) error {
	switch t := target.(type) {
	case *string:
		*t = text
	case *Secret:
		*t = NewSecret(text)
	case *URL:
		*t = NewURL(text)
	case *Key:
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(b) != 0 && len(b) != keySize {
			return errors.New("must be 32 bytes in base64, as made by: openssl rand -base64 32")
		}
		*t = NewKey(b)
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New(`must be a duration such as "90s", "15m" or "720h"`)
		}
		*t = d
	case *slog.Level:
		levels := map[string]slog.Level{
			"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		}
		level, ok := levels[text]
		if !ok {
			return errors.New("must be debug, info, warn or error")
		}
		*t = level
	default:
		return errors.New("has a type that cannot be read") // a test decodes every field
	}
	return nil
}

func decodeList(key string, raw any, p *problems) []string {
	items, ok := raw.([]any)
	if !ok {
		p.add(key, "must be a list of texts, not %s", kindOf(raw))
		return nil
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		text, ok := item.(string)
		if !ok {
			p.add(key, "must be a list of texts, but has %s in it", kindOf(item))
			return nil
		}
		list = append(list, text)
	}
	return list
}

func decodeTemplates(key string, raw any, p *problems) map[string]Template {
	templates := map[string]Template{}
	for event, inner := range decodeMap(key, raw, p) {
		at := key + "." + event
		var t Template
		values := decodeMap(at, inner, p)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			switch name {
			case "id":
				field{at + ".id", &t.ID}.decode(values[name], p)
			case "page":
				field{at + ".page", &t.Page}.decode(values[name], p)
			case "fields":
				t.Fields = map[string]string{}
				for platform, value := range decodeMap(at+".fields", values[name], p) {
					var ours string
					field{at + ".fields." + platform, &ours}.decode(value, p)
					t.Fields[platform] = ours
				}
			default:
				p.add(at+"."+name, "is not a setting of this program")
			}
		}
		templates[event] = t
	}
	return templates
}

func decodeMap(key string, raw any, p *problems) map[string]any {
	section, ok := raw.(map[string]any)
	if !ok {
		p.add(key, "must be a section with keys of its own, not %s", kindOf(raw))
	}
	return section
}

// kindOf says in words what YAML took a value for, without the value.
func kindOf(raw any) string {
	switch raw.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case time.Time:
		return "a date"
	case []any:
		return "a list"
	case map[string]any:
		return "a section"
	}
	return "a number"
}
