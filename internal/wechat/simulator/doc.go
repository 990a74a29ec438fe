// Package simulator is the WeChat platform on loopback, for tests, for work
// without a network and for the demo. It keeps the platform's rules as far as
// documents and reports tell them: codes that work once and for five minutes,
// tokens that expire, consents that are spent, template fields that are checked,
// a check of texts and one of pictures, and pushes that are signed and sent
// again. It can be made to fail, its clock can be turned, and it keeps a journal.
//
// It stands alone: it shares no code with package wechat, so that a mistake in
// one is not hidden by the same mistake in the other.
//
// Every answer of the platform is HTTP 200 with errcode and errmsg, the latter
// ending in a "rid"; code2session and stable_token have no errcode on success.
// It serves loopback only: a request whose Host is another is refused with 421,
// and pushes go to loopback addresses only.
//
// What no document settles is chosen here:
//
//	question                                  choice
//	a login or phone code that expired        40029, as if unknown
//	a phone code that was used                40029 (for login codes 40163 is reported)
//	a phone code with another's openid        40029, and the code stays good
//	a phone code without openid               good, the parameter is optional
//	a code of a call that failed otherwise    stays good
//	an unknown token, none, an expired one    40001, 41001, 42001
//	a token after its successor was given     good for five more minutes
//	a token after force_refresh               40001 at once
//	order of the checks of a send             token, touser, template, page, state, fields, grant
//	a failed send                             spends nothing
//	a field that the template has not         47003, as a missing one
//	a value that is no string                 47003
//	an emoji in a value                       47003
//	digits of an amount                       10, before and after the point together
//	a name with 汉字 and letters              10 characters, as the document says; no digits
//	a page with a leading "/"                 taken as the same page
//	pages, when none are declared             every page is good
//	a text of more than 2,500 characters      45002
//	a text check for an unknown openid        40003
//	when a user was last seen                 when he was made, got a code, or logged in
//	several keywords in one text              the worst; of equal ones the first declared
//	CreateTime                                a string in popup events, else a number
//	List with one item in JSON                the bare object; with more, an array
//	numbers in a List                         strings
//	a push whose answer is not "success"      failed, as is an empty one or another status
//	tries of a push                           the first and three more, 20 ms apart
//	a sent event                              pushed after each message that was sent
//	a picture at an address elsewhere          taken as fetched, since nothing else is spoken to
//	a verdict on a picture                    pushed at once, may come before the answer; the label a string
//	who an event with a verdict is from       an account of the platform's
//	a mini-program code                       a plain QR code of the scene, PNG
//	an empty scene, one of more than 32       40169
//	a page with parameters or a leading "/"   41030
//	a call to an unknown path                 HTTP 404
package simulator
