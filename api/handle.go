package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yanlu/internal/account"
	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// operation is one operation of the API, before Huma makes it a route.
type operation struct {
	id      string // "inbox.read": also its name in the audit
	method  string
	path    string
	summary string
	tag     string
	who     access
	parties []workflow.Party // of an action: who may take it, for the document
	status  int              // of success; 200 where 0
	faults  []*fault.Fault
	secret  bool       // the answer is sealed where it is kept
	audited string     // type of the subject in the audit, where it is not the noun of the route
	own     bool       // concerns nobody but the caller: an act that is not audited
	shows   audit.Kind // of a read: Look where it shows personal data unmasked, Export where it hands out a file of data
}

// Keyed is embedded in the input of every create and action.
type Keyed struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"64" example:"0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e" doc:"Names this act; sent again with the same key it is done only once and answered the same. Kept for 30 days."`
}

func (k Keyed) key() string { return k.Key }

type hasKey interface{ key() string }

// output is an answer with a body.
type output[O any] struct{ Body O }

// operationOf completes what Huma needs: the security, the promised errors, and
// the extensions that the tests read. It notes whom the operation is open to.
func (a *API) operationOf(op operation, hasBody, isKeyed bool) huma.Operation {
	if len(op.who.roles) > 0 {
		a.grants = append(a.grants, grant{op.id, op.who})
	}
	faults := slices.Clone(op.faults)
	faults = append(faults, errInternal, errLimited, errNotAcceptable, errInvalid)
	o := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary, Tags: []string{op.tag},
		DefaultStatus: op.status, MaxBodyBytes: -1, // readBody has the limit
		Metadata:   map[string]any{"access": op.who, "keyed": isKeyed},
		Extensions: map[string]any{"x-access": op.who.words()},
	}
	if kind := op.audits(); kind != "" {
		o.Extensions["x-audit"] = string(kind)
	}
	if len(op.parties) > 0 {
		o.Extensions["x-parties"] = op.parties
	}
	if !op.who.public {
		o.Security = []map[string][]string{{"session": {}}, {"desk": {}}}
		faults = append(faults, account.ErrNoSession, errTwoLogins)
		if op.method != http.MethodGet {
			faults = append(faults, errForeign)
		}
		if !op.who.account {
			faults = append(faults, account.ErrSuspended, account.ErrNotBound, errForbidden)
		}
	}
	if hasBody {
		faults = append(faults, errMalformed, errTooLarge, errMediaType, errCharacters, errTimeout)
	}
	if isKeyed {
		faults = append(faults, errNoKey, store.ErrKeyReused)
	}
	if op.method != http.MethodGet {
		faults = append(faults, errMalformed, errTooLarge, errMediaType, errTimeout) // whatever comes as a body is read
	}
	a.promise(&o, faults)
	return o
}

// promise writes the faults of an operation into the document, by status.
func (a *API) promise(o *huma.Operation, faults []*fault.Fault) {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	by := map[string][]string{}
	for _, f := range faults {
		a.catalogue[f.Code] = f
		status := fmt.Sprint(statusOf(f.Kind))
		if !slices.Contains(by[status], f.Code) {
			by[status] = append(by[status], f.Code)
		}
	}
	o.Responses = map[string]*huma.Response{}
	for status, codes := range by {
		slices.Sort(codes)
		o.Responses[status] = &huma.Response{
			Description: strings.Join(codes, ", "),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
			Extensions:  map[string]any{"x-codes": codes},
		}
	}
}

// read registers an operation that changes nothing. One that shows what is
// audited leaves its entry before it answers.
func read[I, O any](a *API, op operation, fn func(context.Context, *I) (O, error)) {
	register(a, a.operationOf(op, false, false), recorded(a, op, fn))
}

// recorded leaves the entry of what a read shows, before it is shown.
func recorded[I, O any](a *API, op operation, fn func(context.Context, *I) (O, error)) func(context.Context, *I) (O, error) {
	if op.audits() == "" {
		return fn
	}
	return func(ctx context.Context, in *I) (O, error) {
		ctx, t := audit.WithTrail(ctx)
		answer, err := fn(ctx, in)
		if err != nil {
			return answer, err
		}
		entries := a.entries(ctx, op, t, answer)
		if len(entries) == 0 {
			return answer, nil
		}
		err = a.db.Tx(ctx, func(tx *store.Tx) error {
			a.audit.Record(tx, a.now(), entries...)
			return nil
		})
		if err != nil {
			var none O
			return none, fmt.Errorf("audit what is shown: %w", err)
		}
		return answer, nil
	}
}

// enter registers logging in or binding: it changes something, but its code
// works once by itself, and it asks the platform, which no transaction should
// wait for. So it has no Idempotency-Key.
func enter[I, O any](a *API, op operation, fn func(context.Context, *I) (O, error)) {
	register(a, a.operationOf(op, true, false), fn)
}

func register[I, O any](a *API, o huma.Operation, fn func(context.Context, *I) (O, error)) {
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*output[O], error) {
		answer, err := fn(ctx, in)
		if err != nil {
			return nil, explain(ctx, a.log, err)
		}
		return &output[O]{answer}, nil
	})
}

// act registers an operation that is done once for each Idempotency-Key, in one
// transaction with the answer that is kept. May checks, before an earlier
// answer is given again, that the caller may still see what it is about; nil
// where the access of the operation says it all.
func act[I hasKey, O any](a *API, op operation, may func(context.Context, I) error, fn func(context.Context, *store.Tx, I) (O, error)) {
	register(a, a.operationOf(op, true, true), func(ctx context.Context, in *I) (O, error) {
		return once(ctx, a, op, *in, may, fn)
	})
}

func once[I hasKey, O any](ctx context.Context, a *API, op operation, in I, may func(context.Context, I) error, fn func(context.Context, *store.Tx, I) (O, error)) (O, error) {
	var answer O
	caller, subject := callerOf(ctx), pathID(ctx)
	route := op.id + " " + subject
	if !op.who.account { // what an identity did is not another's, though the telephone is the same
		route += " as " + caller.BindingID
	}
	want := store.Once{
		AccountID: caller.AccountID, Key: in.key(), Route: route, BodyHash: bodyHash(ctx), CreatedAt: a.now(),
	}
	raw, replayed, err := a.db.Once(ctx, want, func(tx *store.Tx) (any, error) {
		ctx, t := audit.WithTrail(ctx)
		var err error
		answer, err = fn(ctx, tx, in)
		if err == nil {
			a.audit.Record(tx, a.now(), a.entries(ctx, op, t, answer)...)
		}
		if err != nil || !op.secret {
			return answer, err
		}
		return a.sealed(answer, want)
	})
	if err != nil || !replayed {
		return answer, err
	}
	if may != nil {
		if err := may(ctx, in); err != nil {
			return answer, err
		}
	}
	if op.secret {
		if raw, err = a.unsealed(raw, want); err != nil {
			return answer, err
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return answer, fmt.Errorf("read the earlier answer: %w", err)
	}
	return answer, nil
}

// sealed is an answer as it is kept where it holds a secret, such as the code of
// an invitation.
func (a *API) sealed(answer any, want store.Once) ([]byte, error) {
	raw, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("seal an answer: %w", err)
	}
	return a.keeper.Seal(string(raw), "idempotency:"+want.AccountID+want.Key)
}

func (a *API) unsealed(raw json.RawMessage, want store.Once) (json.RawMessage, error) {
	var b []byte
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fmt.Errorf("open an answer: %w", err)
	}
	plain, err := a.keeper.Open(b, "idempotency:"+want.AccountID+want.Key)
	return json.RawMessage(plain), err
}
