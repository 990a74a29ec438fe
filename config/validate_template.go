package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// TemplateEvents lists the events that may have a template; a test holds that
// they are those which are told.
func TemplateEvents() []string { return []string{"decision", "reply", "progress", "task", "reminder"} }

// TemplateValues lists what a field of a template may show; a test holds that
// every message has them.
func TemplateValues() []string {
	return []string{"title", "kind", "number", "unit", "status", "outcome", "time", "note", "due"}
}

var (
	templateID    = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	templatePage  = regexp.MustCompile(`^[0-9A-Za-z_-][^\s]*$`)
	templateField = regexp.MustCompile(
		`^(thing|number|letter|symbol|character_string|time|date|amount|phone_number|car_number|name|phrase)[0-9]{1,3}$`)
	templateDate = regexp.MustCompile(`^(time|date)[0-9]{1,3}$`)
)

// validateTemplates checks names, and that a date stands where the platform
// wants one. Other values are made to fit their field when they are sent.
func (c *Config) validateTemplates(p *problems) {
	for _, event := range slices.Sorted(maps.Keys(c.WeChat.Templates)) {
		key, t := "wechat.templates."+event, c.WeChat.Templates[event]
		if !slices.Contains(TemplateEvents(), event) {
			p.add(key, "is not an event; known are %s", strings.Join(TemplateEvents(), ", "))
			continue
		}
		if !templateID.MatchString(t.ID) {
			p.add(key+".id", "must be the id of the template in the platform's console")
		}
		if !templatePage.MatchString(t.Page) {
			p.add(key+".page", "must be a page of the mini-program, without a slash before it")
		}
		if len(t.Fields) == 0 {
			p.add(key+".fields", "must name the fields of the template")
		}
		for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
			c.validateField(p, event, key+".fields."+name, name, t.Fields[name])
		}
	}
}

func (c *Config) validateField(p *problems, event, key, name, value string) {
	date := value == "time" || value == "due"
	switch {
	case !templateField.MatchString(name):
		p.add(key, "is not a field of a template, such as thing1 or phrase2")
	case !slices.Contains(TemplateValues(), value):
		p.add(key, "must be one of %s", strings.Join(TemplateValues(), ", "))
	case templateDate.MatchString(name) && !date:
		p.add(key, "must be time or due: WeChat takes nothing else for a date")
	case value == "due" && event != "task" && event != "reminder":
		p.add(key, "must not be due: only task and reminder have a date that something is due")
	}
}
