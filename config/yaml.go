package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parser reads one YAML document for koanf. It stands in for koanf's own
// because that one silently ignores every document after the first, and its
// errors quote the file, which may hold secrets.
type parser struct{}

// Unmarshal reads b, which must hold one mapping or nothing.
func (parser) Unmarshal(b []byte) (map[string]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(b))
	var out map[string]any
	if err := decoder.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		return nil, plain(err)
	}
	var more any
	if err := decoder.Decode(&more); err == nil {
		return nil, errors.New("more than one YAML document")
	} else if !errors.Is(err, io.EOF) {
		return nil, plain(err)
	}
	return out, nil
}

// Marshal is asked for by koanf's interface and not used.
func (parser) Marshal(map[string]any) ([]byte, error) {
	return nil, errors.New("settings are not written")
}

// plain makes one line of an error of the YAML library and takes out what it
// quotes from the file.
func plain(err error) error {
	quoted := regexp.MustCompile("`[^`]*`|\"[^\"]*\"")
	text := quoted.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "…")
	return fmt.Errorf("is not valid YAML: %s", strings.Join(strings.Fields(text), " "))
}
