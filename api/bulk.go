package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

var errBulk = fault.New(fault.Conflict, "request.bulk", "选中的事项中有的不能这样办理，这一批都没有办。请看每一件的说明，去掉或刷新后再试。")

// bulkInput is the input of an action on many things.
type bulkInput struct {
	Keyed
	RawBody []byte `contentType:"application/json"`
}

// bulkView tells where each thing stands, in the order in which they were given.
type bulkView struct {
	Items []StateView `json:"items" nullable:"false"`
}

type bulkItem struct {
	ID    string          `json:"id"`
	Input json.RawMessage `json:"input"`
}

// bindBulk makes an operation of every action of a table that may be taken on
// many things at once: POST {base}/bulk/{action}. Lock locks their matters. All
// are done, or none is, and then the fault says of each what was wrong with it.
func bindBulk(a *API, base, tag string, flow workflow.Table, faults []*fault.Fault, lock func(ctx context.Context, tx *store.Tx, ids ...string) error,
	run func(ctx context.Context, tx *store.Tx, actor member.Actor, id string, rule workflow.Rule, input workflow.Input) (StateView, error),
) {
	for _, rule := range flow.Rules {
		if !rule.Bulk {
			continue
		}
		op := operation{
			id: flow.Name + ".bulk_" + rule.Action, method: http.MethodPost, path: base + "/bulk/" + rule.Action, tag: tag,
			summary: flow.Label + "：批量" + rule.Label, who: roles(bulkRoles(rule)...), faults: append([]*fault.Fault{errBulk}, faults...),
		}
		o := a.operationOf(op, true, true)
		o.SkipValidateBody = true // parse does it, against the type of the rule
		o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		body := newBody(a.huma, rule)
		register(a, o, func(ctx context.Context, in *bulkInput) (bulkView, error) {
			return once(ctx, a, op, *in, nil, func(ctx context.Context, tx *store.Tx, in bulkInput) (bulkView, error) {
				items, inputs, err := body.parseBulk(in.RawBody)
				if err != nil {
					return bulkView{}, err
				}
				return runBulk(ctx, tx, items, lock, func(i int) (state StateView, err error) {
					err = audit.Step(ctx, flow.Name, func(ctx context.Context) (string, error) {
						state, err = run(ctx, tx, actorOf(ctx), items[i].ID, rule, inputs[i])
						return items[i].ID, err
					})
					return state, err
				})
			})
		})
		o.RequestBody.Content["application/json"].Schema = bulkSchema(body.schema)
	}
}

// bulkRoles are the roles that may take an action on many things: those of its
// rule, and where units act, who handles for one, and whoever records their paper.
func bulkRoles(rule workflow.Rule) []member.Role {
	known := member.Roles()
	var of []member.Role
	for _, p := range rule.Who {
		if _, ok := known[p]; ok {
			of = append(of, p)
		} else if slices.Contains(handling.UnitParties(), p) {
			of = slices.Concat(of, member.UnitRoles(), matter.Clerks())
		}
	}
	return of
}

func bulkSchema(input *huma.Schema) *huma.Schema {
	least, most := 1, matter.MaxBulk
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"items"},
		Properties: map[string]*huma.Schema{"items": {
			Type: huma.TypeArray, MinItems: &least, MaxItems: &most, Description: "All are done, or none",
			Items: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"id", "input"},
				Properties: map[string]*huma.Schema{"id": {Type: huma.TypeString, Format: "uuid"}, "input": input},
			},
		}},
	}
}

// parseBulk reads the things and the input for each.
func (b *bodyOf) parseBulk(raw []byte) ([]bulkItem, []workflow.Input, error) {
	var body struct {
		Items []bulkItem `json:"items"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, nil, errMalformed
	}
	if n := len(body.Items); n < 1 || n > matter.MaxBulk {
		return nil, nil, errInvalid.With(fault.Field{Path: "body.items", Message: fmt.Sprintf("一次请选1到%d件", matter.MaxBulk)})
	}
	seen, inputs := map[string]bool{}, make([]workflow.Input, len(body.Items))
	for i, item := range body.Items {
		at := fmt.Sprintf("body.items[%d]", i)
		if !store.IsID(item.ID) || seen[item.ID] {
			return nil, nil, errInvalid.With(fault.Field{Path: at + ".id", Message: "编号格式不正确，或重复选择"})
		}
		seen[item.ID] = true
		input, err := b.parse(item.Input)
		if f := fault.As(err); f != nil {
			for j := range f.Fields {
				f.Fields[j].Path = at + ".input" + strings.TrimPrefix(f.Fields[j].Path, "body")
			}
			return nil, nil, f
		}
		if err != nil {
			return nil, nil, err
		}
		inputs[i] = input
	}
	return body.Items, inputs, nil
}

// runBulk locks all matters, in the one order that nobody waits for another in,
// and takes the action on each.
func runBulk(ctx context.Context, tx *store.Tx, items []bulkItem, lock func(context.Context, *store.Tx, ...string) error, run func(i int) (StateView, error)) (bulkView, error) {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	if err := lock(ctx, tx, ids...); err != nil {
		return bulkView{}, err
	}
	v := bulkView{Items: make([]StateView, len(items))}
	var wrong []fault.Field
	for i := range items {
		state, err := run(i)
		if f := fault.As(err); f != nil {
			wrong = append(wrong, fault.Field{Path: fmt.Sprintf("body.items[%d]", i), Message: f.Message})
			continue
		}
		if err != nil {
			return bulkView{}, err
		}
		v.Items[i] = state
	}
	if len(wrong) > 0 {
		return bulkView{}, errBulk.With(wrong...)
	}
	return v, nil
}

// newBody prepares the reading of the body of an action.
func newBody(h huma.API, rule workflow.Rule) *bodyOf {
	input := reflect.TypeOf(rule.Input)
	b := &bodyOf{registry: h.OpenAPI().Components.Schemas, input: input}
	b.schema = b.registry.Schema(input, true, input.Name())
	return b
}
