package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
)

// String returns all settings, one "key: value" in a line, without secrets.
func (c Config) String() string {
	var lines strings.Builder
	for _, f := range c.fields() {
		fmt.Fprintf(&lines, "%s: %v\n", f.key, reflect.ValueOf(f.target).Elem())
	}
	return lines.String()
}

// LogValue gives package log/slog all settings by key, without secrets.
func (c Config) LogValue() slog.Value {
	var attributes []slog.Attr
	for _, f := range c.fields() {
		attributes = append(attributes, slog.Any(f.key, reflect.ValueOf(f.target).Elem().Interface()))
	}
	return slog.GroupValue(attributes...)
}
