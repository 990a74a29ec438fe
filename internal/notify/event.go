package notify

import (
	"maps"
	"strings"
	"time"

	"yanlu/internal/calendar"
)

// Event names what is told, and with it the template of the push.
type Event string

// The events. What exactly happened stands in the title and the body.
const (
	Decision Event = "decision" // 审核结果, to authors: accepted, rejected, returned, merged …
	Reply    Event = "reply"    // 答复, to authors
	Progress Event = "progress" // 办理进展, to authors: one push a day for all of it
	Task     Event = "task"     // to a unit or to staff: there is new work
	Reminder Event = "reminder" // to whoever has the work: 到期提醒, 催办
)

// Events lists the events. The settings know the same (config.TemplateEvents).
func Events() []Event { return []Event{Decision, Reply, Progress, Task, Reminder} }

// matters reports whether an author must learn of an event: who cannot be
// reached stands on staff's list 未送达. Of the other events only a dead letter
// does (Failed): work is in the work list as well, and who allowed no push of
// the progress wants none, but what was to be sent and died is for staff to mend.
func (e Event) matters() bool { return e == Decision || e == Reply }

// Words lists the words that a template may show, each of which every notice
// has. The settings know the same (config.TemplateValues).
func Words() []string {
	return []string{"title", "kind", "number", "unit", "status", "outcome", "time", "note", "due"}
}

// unsaid stands for a word that a notice does not have. It is five characters,
// all 汉字, so that a field of every type for text takes it.
const unsaid = "详见小程序"

// moment is how a time is written for a template: of the institutions, who all
// have Beijing's.
func moment(t time.Time) string { return t.In(calendar.Beijing()).Format("2006-01-02 15:04") }

// complete returns all of Words for a notice: what it lacks is said by its
// title, by the time of the event, or by unsaid. The platform takes no empty
// value.
func (n Notice) complete(now time.Time) map[string]string {
	all := map[string]string{"title": n.Title, "time": moment(now)}
	maps.Copy(all, n.Values)
	for _, word := range Words() {
		if strings.TrimSpace(all[word]) != "" {
			continue
		}
		all[word] = unsaid
		if word == "due" || word == "time" {
			all[word] = moment(now)
		}
	}
	return all
}
