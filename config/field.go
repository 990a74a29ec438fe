package config

import (
	"reflect"
	"strings"
)

// prefix begins every name in the environment that is meant for the program.
const prefix = "YANLU_"

// field is one setting: a leaf of Config.
type field struct {
	key    string // "wechat.appid"
	target any    // pointer to the value within the Config
}

// fields returns every setting of c, in the order of the struct.
func (c *Config) fields() []field { return walk("", reflect.ValueOf(c).Elem()) }

// walk descends into the structs that have keys of their own. Secret, Key and
// URL have none and so are leaves.
func walk(path string, v reflect.Value) []field {
	var all []field
	for i := range v.NumField() {
		name, tagged := v.Type().Field(i).Tag.Lookup("koanf")
		if !tagged {
			continue
		}
		f := field{key: path + name, target: v.Field(i).Addr().Interface()}
		if inner := walkStruct(f.key+".", v.Field(i)); inner != nil {
			all = append(all, inner...)
			continue
		}
		all = append(all, f)
	}
	return all
}

// walkStruct returns the settings inside v, or nil if v is a leaf.
func walkStruct(path string, v reflect.Value) []field {
	if v.Kind() != reflect.Struct {
		return nil
	}
	return walk(path, v)
}

// env returns the field's name in the environment: YANLU_WECHAT_APPID.
func (f field) env() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// confidential reports whether the value may be read from a file named by
// env()+"_FILE", and is never repeated in a message.
func (f field) confidential() bool {
	switch f.target.(type) {
	case *Secret, *Key, *URL:
		return true
	}
	return false
}
