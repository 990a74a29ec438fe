package config_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"yanlu/config"
)

const example = "config.example.yaml"

// keysOf returns the key of every setting, found by reflection apart from the
// way in which the package itself finds them.
func keysOf(path string, kind reflect.Type) []string {
	var keys []string
	for f := range kind.Fields() {
		key := path + f.Tag.Get("koanf")
		if f.Type.Kind() == reflect.Struct && f.Type.Field(0).Tag.Get("koanf") != "" {
			keys = append(keys, keysOf(key+".", f.Type)...)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

func exampleText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// leaves returns the keys of a YAML mapping with the comment above each.
func leaves(t *testing.T, path string, node *yaml.Node) (keys []string, comments map[string]string) {
	t.Helper()
	comments = map[string]string{}
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if value.Kind == yaml.MappingNode && len(value.Content) > 0 {
			inner, above := leaves(t, path+name.Value+".", value)
			keys = append(keys, inner...)
			for key, comment := range above {
				comments[key] = comment
			}
			continue
		}
		keys = append(keys, path+name.Value)
		comments[path+name.Value] = name.HeadComment
	}
	return keys, comments
}

func TestTheExampleHasEveryKeyWithAComment(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(exampleText(t)), &document); err != nil {
		t.Fatal(err)
	}
	keys, comments := leaves(t, "", document.Content[0])
	want := keysOf("", reflect.TypeFor[config.Config]())
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Fatalf("the keys of the example are not those of Config, or in another order:\n%s", diff)
	}
	if len(want) < 30 {
		t.Fatalf("only %d settings were found", len(want))
	}
	for _, key := range keys {
		name := "YANLU_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		if !regexp.MustCompile(regexp.QuoteMeta(name) + `( or |$)`).MatchString(comments[key]) {
			t.Errorf("the comment on %s does not tell its name %s: %q", key, name, comments[key])
		}
		if len(comments[key]) < len(name)+20 {
			t.Errorf("the comment on %s says nothing: %q", key, comments[key])
		}
	}
}

func TestTheExampleHasTheDefaults(t *testing.T) {
	got, err := config.Load(example, nil, config.Demo)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(config.Demo), got); diff != "" {
		t.Error(diff)
	}
	got, err = config.Load(example, nil, config.Serve)
	if diff := cmp.Diff(config.Default(config.Serve), got); diff != "" {
		t.Error(diff)
	}
	if err == nil {
		t.Fatal("serve started with the example as it is")
	}
	var missing []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		key, _, _ := strings.Cut(line, ":")
		missing = append(missing, key)
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(exampleText(t)), &document); err != nil {
		t.Fatal(err)
	}
	keys, comments := leaves(t, "", document.Content[0])
	marked := slices.DeleteFunc(keys, func(key string) bool { return !strings.Contains(comments[key], "REQUIRED") })
	if diff := cmp.Diff(marked, missing); diff != "" {
		t.Errorf("what serve asks for is not what the example marks as REQUIRED:\n%s", diff)
	}
}

func TestTheTemplateInTheExampleLoads(t *testing.T) {
	text := strings.Replace(exampleText(t), "templates: {}", "templates:", 1)
	text = strings.ReplaceAll(text, "  #|", "  ")
	got, err := config.Load(write(t, text), nil, config.Demo)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.WeChat.Templates["reply"].Fields) == 0 {
		t.Fatalf("no template was found:\n%s", got)
	}
}

func TestEverySettingHasANameOfItsOwnInTheEnvironment(t *testing.T) {
	seen := map[string]string{}
	for _, key := range keysOf("", reflect.TypeFor[config.Config]()) {
		name := strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		for _, n := range []string{name, name + "_FILE"} {
			if other, ok := seen[n]; ok {
				t.Errorf("%s and %s have one name", key, other)
			}
			seen[n] = key
		}
	}
}
