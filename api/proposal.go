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
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// proposalView is one 提案.
type proposalView struct {
	MatterView
	Proposer        proposal.Proposer `json:"proposer" enum:"INDIVIDUAL,JOINT,PARTY,GROUP,SECTOR,PANEL,COMMITTEE"`
	BodyName        string            `json:"body_name,omitempty" example:"民盟言城县支部" doc:"Of the body that proposes, as the form names it"`
	Occasion        proposal.Occasion `json:"occasion,omitempty" enum:"PLENARY,INTERIM" doc:"大会提案 or 平时提案, by the day of its submission"`
	CollectionID    string            `json:"collection_id,omitempty" format:"uuid"`
	CollectionTitle string            `json:"collection_title,omitempty" example:"十一届三次会议"`
	TextVersion     int               `json:"text_version" doc:"Of the text that co-authors agree to"`
	Situation       string            `json:"situation"`
	Analysis        string            `json:"analysis"`
	Advice          string            `json:"advice"`
	Before          []textView        `json:"before" nullable:"false" doc:"The versions of the text before, the newest first; for authors and the office"`
	PublicWish      bool              `json:"public" doc:"Whether its sponsor agrees to publication"`
	UnitsWish       string            `json:"units_wish,omitempty"`
	Proposed        []string          `json:"proposed_unit_ids,omitempty" doc:"Units proposed when it was filed, the lead first; for the office"`
	Ground          proposal.Ground   `json:"ground,omitempty" enum:"SECRET,FORBIDDEN,PARTY_AFFAIRS,OWN_PARTY,LITIGATION,ACADEMIC,PERSONAL,PROMOTION,ACCUSATION,EMPTY" doc:"Why it was not filed"`
	Transfer        proposal.Transfer `json:"transfer,omitempty" enum:"LETTER,OPINION,SUGGESTION,PETITION,COURT,DISCIPLINE,DEPARTMENT"`
	Meeting         string            `json:"meeting,omitempty" doc:"Which meeting decided"`
	MetOn           string            `json:"met_on,omitempty"`
	FiledAt         *time.Time        `json:"filed_at,omitempty"`
	PublishedAt     *time.Time        `json:"published_at,omitempty" doc:"Since when all members may read it"`
	AnswerPublished bool              `json:"answer_published,omitempty"`
	Upper           *upperView        `json:"upper,omitempty" doc:"Of what is gathered for a higher body"`
	Hints           []hintView        `json:"hints,omitempty" doc:"What the program notices; for the office while it is reviewed"`
	Reviews         []reviewView      `json:"reviews" nullable:"false" doc:"For the office"`
	Translations    []translationView `json:"translations" nullable:"false" doc:"Beside the original"`
	Marks           []honourView      `json:"marks" nullable:"false"`
	Supervisions    []supervisionView `json:"supervisions" nullable:"false"`
}

type textView struct {
	Version   int       `json:"version"`
	Title     string    `json:"title"`
	Situation string    `json:"situation"`
	Analysis  string    `json:"analysis"`
	Advice    string    `json:"advice"`
	By        string    `json:"by"`
	At        time.Time `json:"at"`
}

type upperView struct {
	Body   string `json:"body" example:"市政协"`
	ID     string `json:"collection_id,omitempty" format:"uuid" doc:"Its collection, as the form names it"`
	Number string `json:"number,omitempty"`
	Answer string `json:"answer,omitempty"`
	Award  string `json:"award,omitempty"`
}

type hintView struct {
	Code    string          `json:"code" example:"short_advice"`
	Ground  proposal.Ground `json:"ground,omitempty" enum:"SECRET,FORBIDDEN,PARTY_AFFAIRS,OWN_PARTY,LITIGATION,ACADEMIC,PERSONAL,PROMOTION,ACCUSATION,EMPTY" doc:"For which of the ten grounds it might not be filed"`
	Message string          `json:"message"`
}

type hintsView struct {
	Hints []hintView `json:"hints" nullable:"false" doc:"For the sponsor to judge: nothing is refused by them"`
}

type reviewView struct {
	Stage    proposal.Stage   `json:"stage" enum:"PRE,RE"`
	Reviewer string           `json:"reviewer"`
	Decision proposal.Opinion `json:"decision" enum:"FILE,NOT_FILE,RETURN,MERGE,CONVERT"`
	Ground   proposal.Ground  `json:"ground,omitempty" enum:"SECRET,FORBIDDEN,PARTY_AFFAIRS,OWN_PARTY,LITIGATION,ACADEMIC,PERSONAL,PROMOTION,ACCUSATION,EMPTY"`
	Category string           `json:"category,omitempty"`
	Units    []string         `json:"unit_ids" nullable:"false"`
	Merge    string           `json:"merge_with,omitempty"`
	Note     string           `json:"note,omitempty"`
	At       time.Time        `json:"at"`
}

type translationView struct {
	ID          string            `json:"id" format:"uuid"`
	Language    proposal.Language `json:"language" enum:"ZH,UG,KK,BO,MN,KO,ZA,II,OTHER"`
	Of          int               `json:"text_version" doc:"The version of the original that it was made from"`
	Translator  string            `json:"translator,omitempty"`
	Checker     string            `json:"checker,omitempty"`
	Title       string            `json:"title"`
	Situation   string            `json:"situation"`
	Analysis    string            `json:"analysis"`
	Advice      string            `json:"advice"`
	HandedAt    *time.Time        `json:"handed_at,omitempty"`
	CheckedAt   *time.Time        `json:"checked_at,omitempty"`
	OfTheLatest bool              `json:"current" doc:"Whether the original still is as it was translated"`
}

type honourView struct {
	Honour      proposal.Honour `json:"honour" enum:"KEY,EXCELLENT"`
	Label       string          `json:"label" example:"重点提案"`
	Note        string          `json:"note,omitempty"`
	Meeting     string          `json:"meeting,omitempty"`
	NominatedAt *time.Time      `json:"nominated_at,omitempty"`
	ApprovedAt  *time.Time      `json:"approved_at,omitempty"`
	PublishedAt *time.Time      `json:"published_at,omitempty"`
}

type supervisionView struct {
	ID         string                  `json:"id" format:"uuid"`
	Leader     string                  `json:"leader"`
	Way        proposal.SupervisionWay `json:"way" enum:"DELIBERATION,VISIT,RESEARCH,CALL"`
	Begins     string                  `json:"begins" format:"date"`
	Ends       string                  `json:"ends" format:"date"`
	Note       string                  `json:"note,omitempty"`
	Report     string                  `json:"report,omitempty"`
	ReportedAt *time.Time              `json:"reported_at,omitempty"`
}

type submitProposal struct {
	Keyed
	Body proposal.SubmitInput
}

type draftProposal struct {
	Keyed
	Body proposal.DraftInput
}

type checkProposal struct {
	Body struct{ proposal.Unfinished }
}

var (
	// proposalFaults are what the words of a proposal, and who proposes it, may answer.
	proposalFaults = []*fault.Fault{
		proposal.ErrTitle, proposal.ErrText, proposal.ErrJoint, proposal.ErrBody, matter.ErrBody, proposal.ErrNotOf, proposal.ErrSeal, proposal.ErrCollection, proposal.ErrCollectionClosed,
	}
	// reviewFaults are what deciding a proposal, and what follows, may answer.
	reviewFaults = []*fault.Fault{
		matter.ErrConvert, handling.ErrNoLead, handling.ErrNoUnits, proposal.ErrMeeting, proposal.ErrTwoReviews, proposal.ErrSecondOne, proposal.ErrNotPublic,
		proposal.ErrLanguage, proposal.ErrNoSession, proposal.ErrBook, proposal.ErrWindow, handling.ErrReplyIn, matter.ErrHandedUp,
	}
)

func (a *API) proposalRoutes() {
	const base, tag = "/v1/proposals", "提案"
	flow := a.matters.Flow(proposal.Kind)
	hands := append(member.UnitRoles(), member.Member, member.Liaison)
	submit := func(ctx context.Context, tx *store.Tx, actor member.Actor, in proposal.SubmitInput) (StateView, error) {
		x, authors, err := a.propose.Submit(ctx, tx, actor, in)
		return matterState(flow, x, actor, authors), err
	}

	act(a, operation{
		id: "proposal.submit", method: http.MethodPost, path: base, summary: "提交提案", tag: tag, status: http.StatusCreated,
		who: roles(append(hands, member.InfoStaff, member.ProposalStaff)...), faults: slices.Concat(openFaults, proposalFaults, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in submitProposal) (StateView, error) {
		return submit(ctx, tx, actorOf(ctx), in.Body)
	})
	act(a, operation{
		id: "proposal.draft", method: http.MethodPost, path: base + "/drafts", summary: "存为草稿", tag: tag, status: http.StatusCreated,
		who: roles(hands...), faults: slices.Concat(openFaults, []*fault.Fault{proposal.ErrCollection, matter.ErrBody, proposal.ErrNotOf}, referFaults),
	}, nil, func(ctx context.Context, tx *store.Tx, in draftProposal) (StateView, error) {
		x, authors, err := a.propose.Draft(ctx, tx, actorOf(ctx), in.Body)
		return matterState(flow, x, actorOf(ctx), authors), err
	})
	enter(a, operation{
		id: "proposal.check", method: http.MethodPost, path: base + "/check", summary: "提交前看看提案写得怎样：只提醒，不拒绝", tag: tag, who: everybody, own: true,
	}, func(_ context.Context, in *checkProposal) (hintsView, error) {
		return hintsView{viewHints(proposal.Hints(in.Body.Unfinished))}, nil
	})
	act(a, operation{
		id: "proposal.number", method: http.MethodPost, path: base + "/numbers", summary: "按顺序编号", tag: tag,
		who: roles(member.InfoStaff, member.ProposalStaff), faults: []*fault.Fault{matter.ErrNumbered, matter.ErrNumberUsed, proposal.ErrNoSession},
	}, nil, func(ctx context.Context, tx *store.Tx, in numberMatters) (page[numberView], error) {
		rows, err := a.propose.Number(ctx, tx, actorOf(ctx), in.Body.IDs, in.Body.Start)
		return numbersOf(ctx, rows), err
	})
	bindList(a, base, tag, proposal.Kind)
	read(a, operation{
		id: "proposal.read", method: http.MethodGet, path: base + "/{id}", summary: "查看提案", tag: tag, who: everybody, faults: []*fault.Fault{matter.ErrNotFound},
	}, func(ctx context.Context, in *IDInput) (proposalView, error) { return a.proposal(ctx, in.ID) })
	faults := matterFaultsAnd(slices.Concat(institutionFaults, proposalFaults, reviewFaults, referFaults, sharedFaults)...)
	bindFlow(a, base, tag, flow, faults, a.mayMatter(proposal.Kind), a.actOn(proposal.Kind))
	bindBulk(a, base, tag, flow, faults, matter.Lock, a.actOn(proposal.Kind))
	bindSheets(&sheetKind{
		api: a, flow: flow, kind: proposal.Kind, act: a.actOn(proposal.Kind),
		open: map[string]sheetOpener{"submit": func(ctx context.Context, tx *store.Tx, actor member.Actor, input workflow.Input) (StateView, error) {
			return submit(ctx, tx, actor, input.(proposal.SubmitInput))
		}},
	}, base, tag)
}

func (a *API) proposal(ctx context.Context, id string) (proposalView, error) {
	actor := actorOf(ctx)
	var own *proposal.Detail
	v, d, insider, err := a.readMatter(ctx, proposal.Kind, id, func(b *store.Batch) { own = proposal.Load(b, id) })
	if err != nil {
		return proposalView{}, err
	}
	own.Finish(actor, d.Matter.Status)
	pv := viewProposal(v, own)
	if len(d.Authors) > 0 {
		pv.BodyName = d.Authors[0].BodyName
	}
	if !own.Own.Concerns(actor, insider, d.Authors) {
		pv.Before = []textView{}
		if !own.Own.AnswerPublished {
			pv.Replies, pv.Ratings = []replyView{}, []ratingView{}
		}
	}
	if matter.Oversees(actor) {
		pv.Proposed = handling.Proposed(own.Own.ProposedJSON)
		if own.Reviewing(d.Matter.Status) {
			pv.Hints = viewHints(own.Hints())
		}
	}
	return pv, nil
}

func viewProposal(v MatterView, d *proposal.Detail) proposalView {
	p := d.Own
	pv := proposalView{
		MatterView: v, Proposer: p.Proposer, Occasion: p.Occasion, CollectionID: text(p.CollectionID), TextVersion: p.TextVersion,
		Situation: d.Text.Situation, Analysis: d.Text.Analysis, Advice: d.Text.Advice, Before: []textView{}, PublicWish: p.PublicWish, UnitsWish: p.UnitsWish,
		Ground: p.Ground, Transfer: p.Transfer, Meeting: p.Meeting, FiledAt: localOrNil(p.FiledAt), PublishedAt: localOrNil(p.PublishedAt),
		AnswerPublished: p.AnswerPublished, Reviews: []reviewView{}, Translations: []translationView{}, Marks: []honourView{},
		Supervisions: []supervisionView{},
	}
	if p.MetOn != nil {
		pv.MetOn = p.MetOn.String()
	}
	if d.Collection != nil {
		pv.CollectionTitle = d.Collection.Title(d.Term)
	}
	if p.UpperBody != "" {
		pv.Upper = &upperView{p.UpperBody, text(p.CollectionID), p.UpperNumber, p.UpperAnswer, p.UpperAward}
	}
	for _, x := range d.Before {
		pv.Before = append(pv.Before, textView{x.Version, x.Title, x.Situation, x.Analysis, x.Advice, x.WrittenBy, local(x.CreatedAt)})
	}
	for _, x := range d.Reviews {
		pv.Reviews = append(pv.Reviews, reviewView{x.Stage, x.ReviewerName, x.Decision, x.Ground, x.Category, x.Units(), x.MergeWith, x.Note, local(x.CreatedAt)})
	}
	for _, x := range d.Translations {
		pv.Translations = append(pv.Translations, translationView{
			x.ID, x.Language, x.TextVersion, x.TranslatorName, x.CheckerName, x.Title, x.Situation, x.Analysis, x.Advice,
			localOrNil(x.HandedAt), localOrNil(x.CheckedAt), x.TextVersion == p.TextVersion,
		})
	}
	labels := map[proposal.Honour]string{proposal.Key: "重点提案", proposal.Excellent: "优秀提案"}
	for _, x := range d.Marks {
		pv.Marks = append(pv.Marks, honourView{x.Honour, labels[x.Honour], x.Note, x.Meeting, localOrNil(x.NominatedAt), localOrNil(x.ApprovedAt), localOrNil(x.PublishedAt)})
	}
	for _, x := range d.Supervisions {
		pv.Supervisions = append(pv.Supervisions, supervisionView{x.ID, x.Leader, x.Way, x.Begins.String(), x.Ends.String(), x.Note, x.Report, localOrNil(x.ReportedAt)})
	}
	return pv
}

func viewHints(hints []proposal.Hint) []hintView {
	views := []hintView{}
	for _, h := range hints {
		views = append(views, hintView{h.Code, h.Ground, h.Message})
	}
	return views
}

// collectionView is a window in which proposals are collected.
type collectionView struct {
	ID          string     `json:"id" format:"uuid"`
	Title       string     `json:"title" example:"十一届三次会议"`
	Body        string     `json:"body,omitempty" doc:"The higher body; absent for a session of this one" example:"市政协"`
	Here        bool       `json:"here,omitempty" doc:"That body is the parent institution of this installation: what is handed up becomes a proposal there, and what comes of it comes back by itself"`
	Name        string     `json:"name,omitempty"`
	TermID      string     `json:"term_id,omitempty" format:"uuid"`
	Session     int        `json:"session,omitempty" example:"3"`
	Begins      string     `json:"begins" format:"date"`
	Opens       string     `json:"opens,omitempty" doc:"The day on which the plenary opens"`
	Deadline    time.Time  `json:"deadline" doc:"Until then a proposal is of the plenary; for a higher body: until then it is taken"`
	Note        string     `json:"note,omitempty"`
	Open        bool       `json:"open" doc:"Whether now is within it"`
	AnnouncedAt *time.Time `json:"announced_at,omitempty"`
	Version     int64      `json:"version"`
}

// CollectionFields are what a collection is.
type CollectionFields struct {
	Body     string    `json:"body,omitempty" maxLength:"30" example:"" doc:"上级政协的名称，如市政协；不填为本级"`
	Here     bool      `json:"here,omitempty" example:"false" doc:"是本平台上级政协的征集：提交后直接成为上级的提案，编号、答复和表彰自动返回；填了的不用写上级政协的名称"`
	TermID   string    `json:"term_id,omitempty" maxLength:"36" example:"" doc:"本级的第几届；不填为开幕日所在的一届"`
	Session  int       `json:"session,omitempty" minimum:"0" maximum:"99" example:"3" doc:"本级的第几次会议；上级的不填"`
	Name     string    `json:"name,omitempty" maxLength:"40" example:"" doc:"上级征集的名称，如五届四次会议"`
	Begins   string    `json:"begins,omitempty" maxLength:"10" example:"" doc:"从哪一天开始征集；不填为开幕前三个月"`
	Opens    string    `json:"opens,omitempty" maxLength:"10" example:"2027-01-20" doc:"大会开幕日"`
	Deadline time.Time `json:"deadline" example:"2027-01-21T18:00:00+08:00" doc:"大会提案的截止时间"`
	Note     string    `json:"note,omitempty" maxLength:"200" example:"" doc:"通知里的说明"`
}

func (f CollectionFields) input() (in proposal.CollectionInput, err error) {
	in = proposal.CollectionInput{Body: f.Body, Here: f.Here, TermID: f.TermID, Session: f.Session, Name: f.Name, Deadline: f.Deadline, Note: f.Note}
	if in.Begins, err = dayOf(f.Begins, "body.begins"); err != nil {
		return in, err
	}
	in.Opens, err = dayOf(f.Opens, "body.opens")
	return in, err
}

type newCollection struct {
	Keyed
	Body struct{ CollectionFields }
}

type changeCollection struct {
	KeyedID
	Body struct {
		CollectionFields
		Seen
	}
}

func (a *API) viewCollection(c proposal.Collection, title string) collectionView {
	v := collectionView{
		ID: c.ID, Title: title, Body: c.Body, Here: c.Here, Name: c.Name, TermID: text(c.TermID), Session: c.Session, Begins: c.Begins.String(),
		Deadline: local(c.Deadline), Note: c.Note, Open: c.Open(a.now()), AnnouncedAt: localOrNil(c.AnnouncedAt), Version: c.Version,
	}
	if c.Opens != nil {
		v.Opens = c.Opens.String()
	}
	return v
}

// titled adds what people call it, which may take a look at its term.
func (a *API) titled(ctx context.Context, c store.Conn, x proposal.Collection, err error) (collectionView, error) {
	if err != nil {
		return collectionView{}, err
	}
	title, err := a.propose.TitleOf(ctx, c, x)
	return a.viewCollection(x, title), err
}

func (a *API) collectionRoutes() {
	keeps := roles(member.InfoStaff, member.ProposalStaff)
	with := func(id, method, path, summary string, who access, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "提案征集", who: who, faults: faults}
	}
	fields := []*fault.Fault{proposal.ErrSession, proposal.ErrNobodyAbove, proposal.ErrCollectionDates, proposal.ErrCollectionTwice, member.ErrTermNotFound}
	there := []*fault.Fault{proposal.ErrNoCollection, proposal.ErrCollectionStale}
	own := func(ctx context.Context) string { return actorOf(ctx).InstitutionID }
	may := func(ctx context.Context, id string) error {
		_, err := proposal.FindCollection(ctx, a.db, own(ctx), id)
		return err
	}
	read(a, with("collection.list", http.MethodGet, "/v1/collections", "提案征集：本级各次会议的，和上级的", everybody), func(ctx context.Context, _ *none) (page[collectionView], error) {
		rows, terms, err := a.propose.Collections(ctx, own(ctx))
		return cut(rows, len(rows), func(c proposal.Collection) string { return c.ID }, func(c proposal.Collection) collectionView {
			return a.viewCollection(c, c.Title(terms[text(c.TermID)].Ordinal))
		}), err
	})
	create := with("collection.create", http.MethodPost, "/v1/collections", "设置一次会议的征集，或上级的征集", keeps, fields...)
	create.status = http.StatusCreated
	act(a, create, nil, func(ctx context.Context, tx *store.Tx, in newCollection) (collectionView, error) {
		fields, err := in.Body.input()
		if err != nil {
			return collectionView{}, err
		}
		c, err := a.propose.MakeCollection(ctx, tx, own(ctx), fields)
		return a.titled(ctx, tx, c, err)
	})
	act(a, with("collection.change", http.MethodPost, "/v1/collections/{id}/change", "修改征集的时间", keeps, slices.Concat(fields, there)...),
		func(ctx context.Context, in changeCollection) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changeCollection) (collectionView, error) {
			fields, err := in.Body.input()
			if err != nil {
				return collectionView{}, err
			}
			c, err := a.propose.ChangeCollection(ctx, tx, own(ctx), in.ID, in.Body.Version, fields)
			return a.titled(ctx, tx, c, err)
		})
	act(a, with("collection.announce", http.MethodPost, "/v1/collections/{id}/announce", "通知全体委员开始征集", keeps, append(there, proposal.ErrCollectionClosed)...),
		func(ctx context.Context, in seenInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in seenInput) (collectionView, error) {
			c, err := a.propose.Announce(ctx, tx, own(ctx), in.ID, in.Body.Version)
			return a.titled(ctx, tx, c, err)
		})
}

// proposalOptions are the lists that the forms of 提案 choose from.
func proposalOptions() map[string][]optionView {
	return map[string][]optionView{
		"proposers": {
			{string(proposal.Individual), "个人"}, {string(proposal.Joint), "联名"}, {string(proposal.Party), "党派"}, {string(proposal.Group), "人民团体"},
			{string(proposal.Sector), "界别"}, {string(proposal.Panel), "小组、联组"}, {string(proposal.Committee), "专委会"},
		},
		"occasions": {{string(proposal.Plenary), "大会提案"}, {string(proposal.Interim), "平时提案"}},
		"grounds": {
			{string(proposal.Secret), "涉及秘密"}, {string(proposal.Forbidden), "国家明令禁止"}, {string(proposal.PartyAffairs), "党内组织人事"}, {string(proposal.OwnParty), "民主党派内部事务"},
			{string(proposal.Litigation), "诉讼、仲裁中"}, {string(proposal.Academic), "学术研讨"}, {string(proposal.Personal), "本人或亲属的问题"}, {string(proposal.Promotion), "推介作品或产品"},
			{string(proposal.Accusation), "指名举报"}, {string(proposal.Empty), "空泛，没有具体建议"},
		},
		"transfers": {
			{string(proposal.AsLetter), "作为来信转有关单位"}, {string(proposal.AsOpinion), "社情民意"}, {string(proposal.AsSuggestion), "微建议"}, {string(proposal.ToPetition), "信访部门"},
			{string(proposal.ToCourt), "法院或仲裁"}, {string(proposal.ToDiscipline), "纪检监察"}, {string(proposal.ToDepartment), "主管部门"},
		},
		"review_opinions": {
			{string(proposal.WouldFile), "立案"}, {string(proposal.WouldNotFile), "不予立案"}, {string(proposal.WouldReturn), "退回修改"},
			{string(proposal.WouldMerge), "并案"}, {string(proposal.WouldConvert), "转为其他形式"},
		},
		"supervision_ways": {
			{string(proposal.ByDeliberation), "协商座谈"}, {string(proposal.ByVisit), "实地考察"}, {string(proposal.ByResearch), "专题调研"}, {string(proposal.ByCall), "走访"},
		},
		"modes": {{string(handling.Sole), "独办"}, {string(handling.LeadAndCo), "主办、会办"}, {string(handling.Separated), "分办"}},
		"languages": {
			{string(proposal.Chinese), "汉文"}, {string(proposal.Uyghur), "维吾尔文"}, {string(proposal.Kazakh), "哈萨克文"}, {string(proposal.Tibetan), "藏文"}, {string(proposal.Mongolian), "蒙古文"},
			{string(proposal.Korean), "朝鲜文"}, {string(proposal.Zhuang), "壮文"}, {string(proposal.Yi), "彝文"}, {string(proposal.Another), "其他文字"},
		},
	}
}
