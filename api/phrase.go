package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/phrase"
	"yanlu/internal/store"
)

// phraseView is a phrase to choose.
type phraseView struct {
	ID            string `json:"id" format:"uuid"`
	Purpose       string `json:"purpose" doc:"Table, action and field, as the forms have it" example:"suggestion.reject.reason"`
	PurposeLabel  string `json:"purpose_label" example:"微建议 · 不予受理 · 理由"`
	Category      string `json:"category,omitempty" doc:"Absent: for every category" example:"CITY"`
	CategoryLabel string `json:"category_label,omitempty" example:"城市建设"`
	Title         string `json:"title" example:"请先向主管部门反映"`
	Text          string `json:"text" doc:"What is put into the field"`
	Order         int    `json:"order" doc:"Its place among those of the purpose: small numbers first"`
	UnitID        string `json:"unit_id,omitempty" format:"uuid" doc:"Whose own it is; absent: the institution's"`
	Unit          string `json:"unit,omitempty"`
	Version       int64  `json:"version"`
	Mine          bool   `json:"mine" doc:"The asker may change and delete it"`
}

type purposeView struct {
	Purpose string `json:"purpose" example:"suggestion.reject.reason"`
	Label   string `json:"label" example:"微建议 · 不予受理 · 理由"`
	Max     int    `json:"max" doc:"How many characters its field takes; 0: no limit"`
}

type listPhrases struct {
	Paged
	Purpose  string `query:"purpose" maxLength:"100" doc:"Only for this field, as GET /v1/forms names it" example:"suggestion.reject.reason"`
	Category string `query:"category" maxLength:"30" doc:"Only for this category of matters, and those for all" example:"CITY"`
}

// PhraseWords are what staff and units write.
type PhraseWords struct {
	Category string `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" doc:"用于哪一类事项，不填则各类都可用"`
	Title    string `json:"title" minLength:"1" maxLength:"30" example:"请先向主管部门反映" doc:"名称，1到30字"`
	Text     string `json:"text" minLength:"1" maxLength:"3000" example:"您反映的问题可以直接由主管部门解决，建议先与他们联系。" doc:"内容，不超过所填那一栏的字数"`
	Order    int    `json:"order,omitempty" minimum:"0" maximum:"9999" example:"10" doc:"排序，小的在前"`
}

func (w PhraseWords) words() phrase.Words {
	return phrase.Words{Category: w.Category, Title: w.Title, Body: w.Text, Ordinal: w.Order}
}

type addPhrase struct {
	Keyed
	Body struct {
		Purpose string `json:"purpose" minLength:"1" maxLength:"100" example:"assignment.reply.body" doc:"用在哪项操作的哪一栏，见 GET /v1/phrases/purposes"`
		UnitID  string `json:"unit_id,omitempty" maxLength:"36" example:"" doc:"哪个单位自用；单位的人只有一个单位的可不填，政协工作人员不填"`
		PhraseWords
	}
}

type changePhrase struct {
	KeyedID
	Body struct {
		Version int64 `json:"version" minimum:"1" example:"1" doc:"您看到的版本号"`
		PhraseWords
	}
}

type deletePhrase struct {
	KeyedID
	Body struct {
		Version int64 `json:"version" minimum:"1" example:"1" doc:"您看到的版本号"`
	}
}

func (a *API) phraseRoutes() {
	const tag = "常用语"
	keepers := append(member.OfficeRoles(), member.UnitRoles()...)
	readers := roles(append(keepers, member.Leader)...)
	read(a, operation{
		id: "phrase.list", method: http.MethodGet, path: "/v1/phrases", summary: "常用语，供填表时选用", tag: tag, who: readers, faults: []*fault.Fault{errCursor},
	}, a.listPhrases)
	read(a, operation{
		id: "phrase.purposes", method: http.MethodGet, path: "/v1/phrases/purposes", summary: "常用语可以用在哪些操作的哪一栏", tag: tag, who: readers,
	}, func(ctx context.Context, _ *none) (page[purposeView], error) {
		p := page[purposeView]{Items: []purposeView{}}
		for _, x := range a.phrases.PurposesOf(actorOf(ctx)) {
			p.Items = append(p.Items, purposeView{x.Name, x.Label, x.Max})
		}
		return p, nil
	})
	may := func(ctx context.Context, id string) error {
		_, err := a.phrases.Find(ctx, a.db, actorOf(ctx), id)
		return err
	}
	act(a, operation{
		id: "phrase.add", method: http.MethodPost, path: "/v1/phrases", summary: "新增常用语", tag: tag, who: roles(keepers...), status: http.StatusCreated,
		faults: []*fault.Fault{phrase.ErrPurpose, phrase.ErrTooLong, phrase.ErrUnit, phrase.ErrFull},
	}, nil, func(ctx context.Context, tx *store.Tx, in addPhrase) (phraseView, error) {
		p, err := a.phrases.Add(ctx, tx, actorOf(ctx), in.Body.UnitID, in.Body.Purpose, in.Body.words())
		return a.phraseView(actorOf(ctx), phrase.Line{Phrase: p}), err
	})
	changes := []*fault.Fault{phrase.ErrNotFound, phrase.ErrNotYours, phrase.ErrStale}
	act(a, operation{
		id: "phrase.change", method: http.MethodPost, path: "/v1/phrases/{id}/change", summary: "修改常用语", tag: tag, who: roles(keepers...),
		faults: append(changes, phrase.ErrPurpose, phrase.ErrTooLong),
	}, func(ctx context.Context, in changePhrase) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changePhrase) (phraseView, error) {
			p, err := a.phrases.Change(ctx, tx, actorOf(ctx), in.ID, in.Body.Version, in.Body.words())
			return a.phraseView(actorOf(ctx), phrase.Line{Phrase: p}), err
		})
	// An earlier answer says no more than that it is done, and what was deleted
	// cannot be looked at again.
	act(a, operation{
		id: "phrase.delete", method: http.MethodPost, path: "/v1/phrases/{id}/delete", summary: "删除常用语", tag: tag, who: roles(keepers...), faults: changes,
	}, nil, func(ctx context.Context, tx *store.Tx, in deletePhrase) (doneView, error) {
		return doneView{true}, a.phrases.Delete(ctx, tx, actorOf(ctx), in.ID, in.Body.Version)
	})
}

func (a *API) listPhrases(ctx context.Context, in *listPhrases) (page[phraseView], error) {
	mark, err := parsePhraseMark(in.After)
	if err != nil {
		return page[phraseView]{}, err
	}
	if err := a.checkPhraseFilter(in); err != nil {
		return page[phraseView]{}, err
	}
	actor := actorOf(ctx)
	lines, err := a.phrases.List(ctx, actor, phrase.Filter{Purpose: in.Purpose, Category: in.Category, After: mark, Limit: in.Limit + 1})
	return cut(lines, in.Limit, func(l phrase.Line) string {
		m := l.Mark()
		return writeCursor(m.Purpose, strconv.Itoa(m.Ordinal), m.ID)
	}, func(l phrase.Line) phraseView { return a.phraseView(actor, l) }), err
}

// checkPhraseFilter refuses a filter by something that there is not, rather than
// find nothing.
func (a *API) checkPhraseFilter(in *listPhrases) error {
	var wrong []fault.Field
	if in.Purpose != "" && !slices.ContainsFunc(a.phrases.Purposes(), func(p phrase.Purpose) bool { return p.Name == in.Purpose }) {
		wrong = append(wrong, fault.Field{Path: "query.purpose", Message: "没有这种用途"})
	}
	if in.Category != "" && labelsOf("categories")[in.Category] == "" {
		wrong = append(wrong, fault.Field{Path: "query.category", Message: "没有这个类别"})
	}
	if len(wrong) > 0 {
		return errInvalid.With(wrong...)
	}
	return nil
}

// parsePhraseMark reads a cursor of the phrases; nil for the first page.
func parsePhraseMark(s string) (*phrase.Mark, error) {
	parts, err := readCursor(s, 3)
	if err != nil || parts == nil {
		return nil, err
	}
	if strings.Trim(parts[0], "abcdefghijklmnopqrstuvwxyz_.") != "" {
		return nil, errCursor
	}
	ordinal, err := cursorNumber(parts[1], 0, 9999)
	if err != nil {
		return nil, err
	}
	return &phrase.Mark{Purpose: parts[0], Ordinal: ordinal, ID: parts[2]}, nil
}

func (a *API) phraseView(actor member.Actor, l phrase.Line) phraseView {
	return phraseView{
		ID: l.ID, Purpose: l.Purpose, PurposeLabel: a.phrases.LabelOf(l.Purpose), Category: l.Category, CategoryLabel: labelsOf("categories")[l.Category],
		Title: l.Title, Text: l.Body, Order: l.Ordinal, UnitID: text(l.UnitID), Unit: text(l.UnitName), Version: l.Version, Mine: phrase.Keeps(actor, l.Phrase),
	}
}
