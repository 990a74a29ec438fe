package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/safety"
	"yanlu/internal/store"
)

// CheckView is what the platform's content check found, and what staff decided.
type CheckView struct {
	ID           string         `json:"id" format:"uuid"`
	AttachmentID string         `json:"attachment_id,omitempty" format:"uuid" doc:"The picture; absent: the text"`
	State        safety.State   `json:"state" enum:"MARKED,UNCHECKED,CLEARED,HELD"`
	StateLabel   string         `json:"state_label" example:"待决定"`
	Suggest      safety.Suggest `json:"suggest,omitempty" enum:"pass,review,risky" doc:"What the platform advises; absent where it did not look"`
	Label        string         `json:"label,omitempty" example:"广告" doc:"The platform's reason"`
	At           time.Time      `json:"at" doc:"When it was handed in"`
	Version      int64          `json:"version"`
	Decisions    []decisionView `json:"decisions" nullable:"false" doc:"The latest first"`
}

type decisionView struct {
	Decision string    `json:"decision" enum:"CLEAR,HOLD"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// checkLine is a check in the list of an institution, with its matter.
type checkLine struct {
	CheckView
	MatterID string `json:"matter_id" format:"uuid"`
	Kind     string `json:"kind" example:"suggestion"`
	Number   string `json:"number,omitempty"`
	Title    string `json:"title"`
}

type listChecks struct {
	Paged
	State safety.State `query:"state" enum:"MARKED,UNCHECKED,CLEARED,HELD" default:"MARKED" doc:"MARKED: the platform has an objection; UNCHECKED: it did not look; CLEARED and HELD: decided" example:"MARKED"`
}

type decideCheck struct {
	KeyedID
	Body struct {
		Version  int64  `json:"version" minimum:"1" example:"2" doc:"您看到的版本号；有新结果时会要求刷新"`
		Decision string `json:"decision" enum:"CLEAR,HOLD" example:"CLEAR" doc:"CLEAR 放行；HOLD 留置，不给其他委员看，图片也不给承办单位看"`
		Reason   string `json:"reason" minLength:"1" maxLength:"500" example:"内容属正常意见，没有问题。" doc:"理由，会留存"`
	}
}

var decisions = map[string]safety.State{"CLEAR": safety.Cleared, "HOLD": safety.Held}

func decisionOf(s safety.State) string {
	if s == safety.Held {
		return "HOLD"
	}
	return "CLEAR"
}

func (a *API) safetyRoutes() {
	const tag = "内容安全"
	staff := roles(member.InfoStaff, member.ProposalStaff)
	read(a, operation{
		id: "check.list", method: http.MethodGet, path: "/v1/checks", summary: "内容检查有提示的，先提交的在前", tag: tag, who: staff,
		faults: []*fault.Fault{errCursor},
	}, a.listChecks)
	act(a, operation{
		id: "check.decide", method: http.MethodPost, path: "/v1/checks/{id}/decide", summary: "决定放行或留置", tag: tag, who: staff, audited: "check",
		faults: []*fault.Fault{safety.ErrNotFound, safety.ErrStale, safety.ErrDecided},
	}, func(ctx context.Context, in decideCheck) error {
		_, err := a.checks.Find(ctx, a.db, actorOf(ctx), in.ID)
		return err
	}, func(ctx context.Context, tx *store.Tx, in decideCheck) (CheckView, error) {
		c, err := a.checks.Decide(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, decisions[in.Body.Decision], in.Body.Reason)
		return viewOfCheck(c), err
	})
}

func (a *API) listChecks(ctx context.Context, in *listChecks) (page[checkLine], error) {
	after, err := idCursor(in.After)
	if err != nil {
		return page[checkLine]{}, err
	}
	actor := actorOf(ctx)
	found, err := a.checks.List(ctx, actor, in.State, after, in.Limit+1)
	if err != nil {
		return page[checkLine]{}, err
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.MatterID
	}
	matters, err := a.matters.Briefs(ctx, actor.InstitutionID, ids)
	return cut(found, in.Limit, func(f safety.Found) string { return f.ID }, func(f safety.Found) checkLine {
		return checkLine{viewOfCheck(f), f.MatterID, f.Kind, text(matters[f.MatterID].Number), matters[f.MatterID].Title}
	}), err
}

func viewOfCheck(f safety.Found) CheckView {
	v := CheckView{
		ID: f.ID, AttachmentID: text(f.AttachmentID), State: f.State, StateLabel: safety.StateText(f.State), Suggest: f.Suggest,
		At: local(f.CreatedAt), Version: f.Version, Decisions: []decisionView{},
	}
	if f.Suggest != "" {
		v.Label = safety.LabelText(f.Label)
	}
	for _, d := range f.Decisions {
		v.Decisions = append(v.Decisions, decisionView{decisionOf(d.Decided), d.Reason, d.PersonName, local(d.At)})
	}
	return v
}

// findings adds what was found of a matter to a batch, for those who see it.
func (a *API) findings(b *store.Batch, actor member.Actor, kind matter.Kind, matterID string) *safety.Findings {
	if !safety.Sees(actor) || !a.checks.Covers(string(kind)) {
		return nil
	}
	return safety.Load(b, matterID)
}

// addFindings shows what was found of a matter to those who see it.
func (v *MatterView) addFindings(f *safety.Findings) {
	if f == nil {
		return
	}
	for _, x := range f.All() {
		v.Checks = append(v.Checks, viewOfCheck(x))
	}
}
