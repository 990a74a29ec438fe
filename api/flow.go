package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/phrase"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// actionInput is the input of every action of every flow. The body has the
// type that the flow's table names.
type actionInput struct {
	Keyed
	IDInput
	RawBody []byte `contentType:"application/json"`
}

// bindFlow makes an operation of every action that people take on something
// that is there: POST {base}/{id}/{action}. A new row of the table is a new
// route, without another line here.
func bindFlow[O any](a *API, base, tag string, flow workflow.Table, faults []*fault.Fault, may func(context.Context, member.Actor, string) error,
	run func(ctx context.Context, tx *store.Tx, actor member.Actor, id string, rule workflow.Rule, input workflow.Input) (O, error),
) {
	for _, rule := range flow.Rules {
		if len(rule.From) == 0 || len(rule.Who) == 0 {
			continue
		}
		op := operation{
			id: flow.Name + "." + rule.Action, method: http.MethodPost, path: base + "/{id}/" + rule.Action, tag: tag,
			summary: flow.Label + "：" + rule.Label, who: everybody, parties: rule.Who, faults: faults,
		}
		o := a.operationOf(op, true, true)
		o.SkipValidateBody = true // parse does it, against the type of the rule
		o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		body := newBody(a.huma, rule)
		register(a, o, func(ctx context.Context, in *actionInput) (O, error) {
			return once(ctx, a, op, *in, func(ctx context.Context, in actionInput) error {
				return may(ctx, actorOf(ctx), in.ID)
			}, func(ctx context.Context, tx *store.Tx, in actionInput) (O, error) {
				value, err := body.parse(in.RawBody)
				if err != nil {
					var zero O
					return zero, err
				}
				return run(ctx, tx, actorOf(ctx), in.ID, rule, value)
			})
		})
		o.RequestBody.Content["application/json"].Schema = body.schema
	}
}

// bodyOf reads the body of an action into the type that its rule names.
type bodyOf struct {
	registry huma.Registry
	schema   *huma.Schema
	input    reflect.Type
}

func (b *bodyOf) parse(raw []byte) (workflow.Input, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errMalformed
	}
	var res huma.ValidateResult
	huma.Validate(b.registry, b.schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, v, &res)
	if len(res.Errors) > 0 {
		return nil, errInvalid.With(fieldsOf(res.Errors)...)
	}
	value := reflect.New(b.input)
	if err := json.Unmarshal(raw, value.Interface()); err != nil {
		return nil, errMalformed
	}
	return value.Elem().Interface().(workflow.Input), nil
}

// actionView is an action that the asker may take now.
type actionView struct {
	Name  string `json:"name" doc:"Last part of the route" example:"accept"`
	Label string `json:"label" doc:"What the button says" example:"受理"`
	Paper bool   `json:"paper,omitempty" doc:"The asker may not do it, but record that somebody did it on paper"`
	Usual bool   `json:"usual,omitempty" doc:"What is mostly done next"`
}

// actionsOf lists what the asker may do in a state, being all of parties, and,
// where they record paper, what others may have done on it.
func actionsOf(flow workflow.Table, in workflow.Status, parties, onPaper []workflow.Party) []actionView {
	views, own := []actionView{}, map[string]bool{}
	for _, r := range flow.Offered(in, parties) {
		own[r.Action] = true
		views = append(views, actionView{r.Action, r.Label, false, r.IsUsual(in)})
	}
	for _, r := range flow.Offered(in, onPaper) {
		if !own[r.Action] {
			views = append(views, actionView{r.Action, r.Label, true, false})
		}
	}
	return views
}

// formView is what a client needs to draw the form of an action.
type formView struct {
	Flow   string      `json:"flow" example:"suggestion"`
	Action string      `json:"action" example:"accept"`
	Label  string      `json:"label" example:"受理"`
	Fields []fieldView `json:"fields" nullable:"false"`
	Bulk   bool        `json:"bulk,omitempty" doc:"May be taken on many things at once: POST {base}/bulk/{action}"`
	Then   string      `json:"then,omitempty" doc:"The action that mostly follows at once, with what both forms ask for" example:"dispatch"`
}

type fieldView struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Widget   string `json:"widget" doc:"text, textarea, number, phone, place, date, switch, choice, choices, person, people, matter, collection, files, originals, rows"`
	Options  string `json:"options,omitempty" doc:"Name of the list of options in this answer; units and leading_units: GET /v1/units; bodies_…: GET /v1/bodies, of the kind, by the field that by names; outcomes: GET /v1/outcomes; members: GET /v1/members; colleagues: GET /v1/work/colleagues; matters: the list of the kind; kinds_…: in this answer, what a matter of the kind may become; collections: GET /v1/collections"`
	Required bool   `json:"required"`
	Phrases  string `json:"phrases,omitempty" doc:"The office and the units keep phrases (常用语) for this field: GET /v1/phrases?purpose=" example:"suggestion.reject.reason"`
	Min      int    `json:"min,omitempty"`
	Max      int    `json:"max,omitempty"`
	Again    bool   `json:"again,omitempty" doc:"People mostly give what they gave the last time"`
	Hint     string `json:"hint,omitempty" doc:"What else to know, to be shown at the field" example:"不选的，记为未沟通。"`
	// Fields is how one row of rows is drawn.
	Fields []fieldView `json:"fields,omitempty" doc:"Of the widget rows, whose value is a list of objects: the fields of each; max is how many"`
	By     string      `json:"by,omitempty" doc:"Another field of the form: the list is of what goes with what is chosen there" example:"body_kind"`
	Unless string      `json:"unless,omitempty" doc:"Another field of the form: what is chosen there is left out of the list" example:"lead_unit_id"`
	// When is nil for a field that is always there.
	When *whenView `json:"when,omitempty" doc:"Only asked for where another field of the form has one of these values"`
}

type whenView struct {
	Field  string   `json:"field" example:"proposer"`
	Values []string `json:"values" nullable:"false" example:"[\"PARTY\"]"`
}

// whenOf reads the tag of a field that is there for some values of another:
// when:"proposer=PARTY,GROUP".
func whenOf(tag string) *whenView {
	field, values, ok := strings.Cut(tag, "=")
	if !ok {
		return nil
	}
	return &whenView{field, strings.Split(values, ",")}
}

type optionView struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

type formsView struct {
	Forms   []formView              `json:"forms" nullable:"false"`
	Paper   []fieldView             `json:"paper" nullable:"false" doc:"What is added, as \"paper\", where staff record an act from paper"`
	Options map[string][]optionView `json:"options"`
	Sheets  map[string][]string     `json:"sheets" doc:"Of each flow the actions that are taken for every row of a spreadsheet: {base}/sheets/{action}" example:"{\"suggestion\":[\"accept\"]}"`
}

// formsOf derives the forms from the tables and the tags of their inputs, and
// says for which fields phrases are kept.
func formsOf(flows []workflow.Table, purposes []phrase.Purpose) []formView {
	phrased := map[string]bool{}
	for _, p := range purposes {
		phrased[p.Name] = true
	}
	forms := []formView{}
	for _, flow := range flows {
		for _, r := range flow.Rules {
			if r.Input == nil {
				continue
			}
			f := formView{flow.Name, r.Action, r.Label, fieldsOfType(reflect.TypeOf(r.Input)), r.Bulk, r.Then}
			for i, field := range f.Fields {
				f.Fields[i].Options = optionsOf(flow.Name, field.Options)
				if name := flow.PhrasedName(r, field.Name); phrased[name] {
					f.Fields[i].Phrases = name
				}
			}
			forms = append(forms, f)
		}
	}
	return forms
}

func fieldsOfType(t reflect.Type) []fieldView {
	fields := []fieldView{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		widget := f.Tag.Get("widget")
		if f.Anonymous || name == "" || widget == "hidden" || widget == "paper" {
			continue
		}
		x := fieldView{
			Name: name, Label: f.Tag.Get("label"), Widget: widget, Options: f.Tag.Get("options"), Required: rest != "omitempty",
			Min: number(f, "minLength", "minimum"), Max: number(f, "maxLength", "maximum", "maxItems"),
			Again: f.Tag.Get("again") != "", Hint: f.Tag.Get("hint"), By: f.Tag.Get("by"), Unless: f.Tag.Get("unless"), When: whenOf(f.Tag.Get("when")),
		}
		if widget == "rows" {
			x.Fields = fieldsOfType(f.Type.Elem())
		}
		fields = append(fields, x)
	}
	return fields
}
