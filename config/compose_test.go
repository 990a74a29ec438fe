package config_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"yanlu/config"
)

// composed returns the environment that compose.yaml gives to the program, with
// its variables replaced as Compose would.
func composed(t *testing.T, variables map[string]string) []string {
	t.Helper()
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services struct {
			Yanlu struct{ Environment map[string]string }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	variable := regexp.MustCompile(`\$\{(\w+)(:[-?])([^}]*)\}`)
	var env []string
	for name, value := range file.Services.Yanlu.Environment {
		value = variable.ReplaceAllStringFunc(value, func(use string) string {
			part := variable.FindStringSubmatch(use)
			if part[2] == ":-" && part[3] != "" {
				t.Errorf("%s has the default %q", part[1], part[3])
			}
			return variables[part[1]]
		})
		env = append(env, name+"="+value)
	}
	return env
}

func TestComposeGivesWhatServeNeeds(t *testing.T) {
	variables := map[string]string{"POSTGRES_PASSWORD": password, "REDIS_PASSWORD": password}
	for _, entry := range enough() {
		name, value, _ := strings.Cut(entry, "=")
		variables[name] = value
	}
	got, err := config.Load("", composed(t, variables), config.Serve)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.WeChat.Templates) != 0 || len(got.TrustedProxies) != 0 || got.Redis.URL.IsZero() {
		t.Fatalf("what is not set is not its default:\n%s", got)
	}
}
