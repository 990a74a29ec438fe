package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/opinion"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// opinionView is one 社情民意, as far as the asker reads it.
type opinionView struct {
	MatterView
	opinion.Behalf                          // as the form names it: absent where it is in the author's own name
	Urgency         opinion.Urgency         `json:"urgency" enum:"NORMAL,URGENT"`
	Confidentiality opinion.Confidentiality `json:"confidentiality" enum:"INTERNAL,PUBLIC"`
	IssueType       opinion.IssueType       `json:"issue_type,omitempty" enum:"SINGLE,COMPOSITE,SPECIAL"`
	IssueNo         string                  `json:"issue_no,omitempty" example:"2026年第12期"`
	SignedBy        string                  `json:"signed_by,omitempty" doc:"The leader who signed it off; for the office"`
	Result          string                  `json:"result,omitempty" doc:"The final result, where the office closed it"`
	Text            *OpinionText            `json:"text,omitempty" doc:"What the author handed in; absent for who does not read it"`
	Edited          *OpinionText            `json:"edited,omitempty" doc:"The newest edited text; for a unit the newest text of all"`
	Findings        []findingView           `json:"findings" nullable:"false" doc:"What was found on looking into the facts; for the office and who verifies"`
	Dispatches      []opinionDispatchView   `json:"dispatches" nullable:"false" doc:"Where it was reported to"`
	Adoptions       []adoptionView          `json:"adoptions" nullable:"false" doc:"Who took it up"`
	Instructions    []instructionView       `json:"instructions" nullable:"false" doc:"批示. An author reads that there is one, and when; a unit that it names reads whose"`
}

// OpinionText is one version of what a report says.
type OpinionText struct {
	Ordinal   int            `json:"ordinal" doc:"Of the version, from 1"`
	Source    opinion.Source `json:"source" enum:"AUTHOR,OFFICE"`
	Title     string         `json:"title"`
	Situation string         `json:"situation"`
	Analysis  string         `json:"analysis"`
	Advice    string         `json:"advice"`
}

type versionView struct {
	OpinionText
	Note   string    `json:"note,omitempty" doc:"What was changed, in the editor's words"`
	Writer string    `json:"writer"`
	At     time.Time `json:"at"`
}

type pieceView struct {
	Change opinion.Change `json:"change" enum:"SAME,ADDED,REMOVED"`
	Text   string         `json:"text"`
}

type differenceView struct {
	From      int         `json:"from" doc:"Ordinal of the older version"`
	To        int         `json:"to" doc:"Ordinal of the newer version"`
	Title     []pieceView `json:"title" nullable:"false"`
	Situation []pieceView `json:"situation" nullable:"false"`
	Analysis  []pieceView `json:"analysis" nullable:"false"`
	Advice    []pieceView `json:"advice" nullable:"false"`
}

type findingView struct {
	Findings string    `json:"findings"`
	Finder   string    `json:"finder"`
	At       time.Time `json:"at"`
}

// FactView is what all facts show.
type FactView struct {
	Fact      int        `json:"fact" doc:"Its place among those of its sort, by which it is corrected"`
	Date      string     `json:"date" format:"date"`
	Recorder  string     `json:"recorder,omitempty" doc:"Who entered it; for the office"`
	RevokedAt *time.Time `json:"revoked_at,omitempty" doc:"It was entered wrongly and does not hold; for the office"`
	RevokedBy string     `json:"revoked_by,omitempty"`
	Reason    string     `json:"revoked_reason,omitempty"`
}

type opinionDispatchView struct {
	FactView
	Organ      string        `json:"organ"`
	Level      opinion.Level `json:"level" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION"`
	DocumentNo string        `json:"document_no,omitempty"`
	ReceiptNo  string        `json:"receipt_no,omitempty" doc:"Under which number the recipient has it"`
}

type adoptionView struct {
	FactView
	Adopter     string        `json:"adopter"`
	Level       opinion.Level `json:"level" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION"`
	Form        opinion.Form  `json:"form" enum:"WHOLE,PART,AWARD"`
	Publication string        `json:"publication,omitempty"`
}

type instructionView struct {
	FactView
	Leader string        `json:"leader,omitempty"`
	Rank   opinion.Level `json:"rank,omitempty" enum:"TOWN,COUNTY,PREFECTURE,PROVINCE,NATION"`
	Number string        `json:"number,omitempty"`
	Units  []string      `json:"unit_ids" nullable:"false" doc:"Units that it names; for the office"`
	Text   string        `json:"text,omitempty" doc:"Where the institution keeps it; for the office"`
}

type submitOpinion struct {
	Keyed
	Body opinion.SubmitInput
}

type draftOpinion struct {
	Keyed
	Body opinion.DraftInput
}

type differenceInput struct {
	IDInput
	From int `query:"from" minimum:"0" maximum:"200" doc:"Ordinal of the older version; 0: the author's newest" example:"1"`
	To   int `query:"to" minimum:"0" maximum:"200" doc:"Ordinal of the newer version; 0: the newest" example:"2"`
}

// opinionFaults are what the actions of this kind may answer.
var opinionFaults = []*fault.Fault{
	opinion.ErrTitle, opinion.ErrText, opinion.ErrSecret, opinion.ErrFull, opinion.ErrUrgency, opinion.ErrCommittee, opinion.ErrEdited,
	opinion.ErrBehalf, matter.ErrBody, handling.ErrNoLead, handling.ErrNoUnits, opinion.ErrDate, opinion.ErrRecorded, opinion.ErrFact, opinion.ErrWords,
}

func (a *API) opinionRoutes() {
	const base, tag = "/v1/opinions", "社情民意"
	flow := a.matters.Flow(opinion.Kind)
	written := []*fault.Fault{opinion.ErrTitle, opinion.ErrText, opinion.ErrSecret, opinion.ErrBehalf, matter.ErrBody}
	hands := append(member.UnitRoles(), member.Member, member.InfoOfficer, member.Liaison)
	submit := func(ctx context.Context, tx *store.Tx, actor member.Actor, input workflow.Input) (StateView, error) {
		x, authors, err := a.opinions.Submit(ctx, tx, actor, input.(opinion.SubmitInput))
		return matterState(flow, x, actor, authors), err
	}
	act(a, operation{
		id: "opinion.submit", method: http.MethodPost, path: base, summary: "提交社情民意", tag: tag, status: http.StatusCreated,
		who: roles(append(hands, member.InfoStaff, member.ProposalStaff)...), faults: slices.Concat(openFaults, written, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in submitOpinion) (StateView, error) {
		return submit(ctx, tx, actorOf(ctx), in.Body)
	})
	act(a, operation{
		id: "opinion.draft", method: http.MethodPost, path: base + "/drafts", summary: "社情民意存为草稿", tag: tag, status: http.StatusCreated,
		who: roles(hands...), faults: slices.Concat(openFaults, written, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in draftOpinion) (StateView, error) {
		x, authors, err := a.opinions.Draft(ctx, tx, actorOf(ctx), in.Body)
		return matterState(flow, x, actorOf(ctx), authors), err
	})
	bindList(a, base, tag, opinion.Kind)
	read(a, operation{
		id: "opinion.read", method: http.MethodGet, path: base + "/{id}", summary: "查看社情民意", tag: tag, who: everybody,
		faults: []*fault.Fault{matter.ErrNotFound},
	}, func(ctx context.Context, in *IDInput) (opinionView, error) { return a.opinion(ctx, in.ID) })
	read(a, operation{
		id: "opinion.versions", method: http.MethodGet, path: base + "/{id}/versions", summary: "社情民意的各稿", tag: tag, who: everybody,
		faults: []*fault.Fault{matter.ErrNotFound, opinion.ErrVersions},
	}, func(ctx context.Context, in *IDInput) (page[versionView], error) {
		all, err := a.opinions.Versions(ctx, actorOf(ctx), in.ID)
		p := page[versionView]{Items: []versionView{}}
		for _, v := range all {
			p.Items = append(p.Items, versionView{textOf(v), v.Note, v.WriterName, local(v.WrittenAt)})
		}
		return p, err
	})
	read(a, operation{
		id: "opinion.difference", method: http.MethodGet, path: base + "/{id}/difference", summary: "社情民意两稿的差别", tag: tag, who: everybody,
		faults: []*fault.Fault{matter.ErrNotFound, opinion.ErrVersions, opinion.ErrVersion},
	}, func(ctx context.Context, in *differenceInput) (differenceView, error) {
		d, err := a.opinions.Compare(ctx, actorOf(ctx), in.ID, in.From, in.To)
		return differenceView{
			d.From.Ordinal, d.To.Ordinal, piecesOf(d.Title), piecesOf(d.Situation), piecesOf(d.Analysis), piecesOf(d.Advice),
		}, err
	})
	faults := matterFaultsAnd(slices.Concat(institutionFaults, opinionFaults, referFaults, sharedFaults, []*fault.Fault{matter.ErrConvert, matter.ErrNoParent, matter.ErrHandedUp})...)
	bindFlow(a, base, tag, flow, faults, a.mayMatter(opinion.Kind), a.actOn(opinion.Kind))
	bindBulk(a, base, tag, flow, faults, matter.Lock, a.actOn(opinion.Kind))
	bindSheets(&sheetKind{api: a, flow: flow, kind: opinion.Kind, act: a.actOn(opinion.Kind), open: map[string]sheetOpener{"submit": submit}}, base, tag)
}

func (a *API) opinion(ctx context.Context, id string) (opinionView, error) {
	var own *opinion.Detail
	v, d, insider, err := a.readMatter(ctx, opinion.Kind, id, func(b *store.Batch) { own = opinion.Load(b, id) })
	if err != nil {
		return opinionView{}, err
	}
	own.Finish(actorOf(ctx), d.Matter, d.Authors, insider)
	ov := viewOfOpinion(v, own, d.Unnamed)
	ov.Behalf, ov.Urgency = opinion.BehalfOf(d.Authors), opinion.UrgencyOf(d.Matter)
	return ov, nil
}

// viewOfOpinion shows a report; unnamed takes names out of a text that the asker
// must not read.
func viewOfOpinion(m MatterView, d *opinion.Detail, unnamed func(string) string) opinionView {
	v := opinionView{
		MatterView: m, Confidentiality: d.Confidentiality, IssueType: d.IssueType, IssueNo: d.IssueNo, SignedBy: d.SignedBy, Result: d.Result,
		Findings: []findingView{}, Dispatches: []opinionDispatchView{}, Adoptions: []adoptionView{}, Instructions: []instructionView{},
	}
	if d.Text != nil {
		t := textOf(*d.Text)
		v.Text = &t
	}
	if d.Edited != nil {
		t := textOf(*d.Edited)
		t.Title, t.Situation, t.Analysis, t.Advice = unnamed(t.Title), unnamed(t.Situation), unnamed(t.Analysis), unnamed(t.Advice)
		v.Edited = &t
	}
	for _, x := range d.Findings {
		v.Findings = append(v.Findings, findingView{x.Body, x.FinderName, local(x.CreatedAt)})
	}
	for _, x := range d.Dispatches {
		v.Dispatches = append(v.Dispatches, opinionDispatchView{factOf(x.Ordinal, x.Fact), x.Organ, x.Level, x.DocumentNo, x.ReceiptNo})
	}
	for _, x := range d.Adoptions {
		v.Adoptions = append(v.Adoptions, adoptionView{factOf(x.Ordinal, x.Fact), x.Adopter, x.Level, x.Form, x.Publication})
	}
	for _, x := range d.Instructions {
		v.Instructions = append(v.Instructions, instructionView{factOf(x.Ordinal, x.Fact), x.Leader, x.Rank, x.Number, x.Units(), x.Text})
	}
	return v
}

func factOf(ordinal int, f opinion.Fact) FactView {
	return FactView{ordinal, f.Day.String(), f.RecorderName, localOrNil(f.RevokedAt), f.RevokerName, f.RevokedReason}
}

func textOf(v opinion.Version) OpinionText {
	return OpinionText{v.Ordinal, v.Source, v.Title, v.Situation, v.Analysis, v.Advice}
}

func piecesOf(pieces []opinion.Piece) []pieceView {
	views := []pieceView{}
	for _, p := range pieces {
		views = append(views, pieceView{p.Change, p.Text})
	}
	return views
}
