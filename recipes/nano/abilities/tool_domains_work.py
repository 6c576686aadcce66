"""More realistic tools, of work, house and leisure; the format of ``tool_domains``."""

WORK = """
# tickets
create open file / ticket issue bug : Open a ticket
title subject summary : title ; ?priority severity : enum low/normal/high/urgent ; ?assignee owner : first
> Open a ticket "{title}"[ with {priority} priority][, assign it to {assignee}]. | File a bug: {title}[, priority {priority}] | Create an issue called {title}[ for {assignee}]
= id id ; status enum open/new
close resolve / ticket issue : Close a ticket
id ticket_id number issue_id : id ; ?comment note : message
> Close ticket {id}[ with the comment "{comment}"]. | Resolve {id}. | Mark the issue {id} as closed[: "{comment}"]
= status enum closed/ok
assign / ticket issue : Assign a ticket to a person
id ticket_id number : id ; assignee person user : first
> Assign {id} to {assignee}. | Give ticket {id} to {assignee}
= status enum assigned/ok
# code
run execute / code script python : Run a script
file script path : file ; ?args arguments : list word ; ?timeout seconds : int 5 300
> Run {file}[ with the arguments {args}][, timeout {timeout}]. | Execute the script {file}[ with {args}]
= output message ; exit_code int 0 2
search grep find / code source : Search the source code
pattern query text : pseudo ; ?path folder : file ; ?ignore_case : bool ignoring case/matching case
> Search the code for {pattern}[, {ignore_case}]. | Where is {pattern} used[ in {path}]? | Grep {pattern}[ in {path}]
= matches int 1 80 ; file file
# git
create make / branch git_branch : Create a branch
name branch branch_name : noun ; ?base from_branch : enum main/dev/release
> Create the branch {name}[ from {base}]. | New branch {name}[ based on {base}]
= status enum created/ok
commit save / changes : Commit the changes
message text : message ; ?push : bool and push it/without pushing
> Commit with the message "{message}"[ {push}]. | Commit my changes: "{message}"
= hash id
# servers
restart reboot / server service : Restart a server
name server host : noun ; ?force hard : bool by force/gently
> Restart the server {name}[ {force}]. | Reboot {name} please[, {force}]
= status enum ok/restarting
get check / server_status uptime : Status of a server
name server host : noun
> Is the server {name} up? | How is {name} doing? | Status of the server {name}
= status enum up/down ; load num 0 9
scale resize / cluster : Set the number of machines
cluster name : noun ; machines replicas count size : int 1 50
> Scale {cluster} to {machines} machines. | Set {cluster} to {machines} replicas
= status enum ok/scaling
# users
create add register / user account : Create a user account
username user login name : pseudo ; email mail : email ; ?role : enum admin/editor/viewer ; ?active enabled : bool active/not active
> Create the user {username} with {email}[ as {role}]. | Add a user {username}, email {email}[, role {role}][, {active}]
= id int 1 9000
delete remove / user account : Delete a user account
username user login : pseudo
> Delete the user {username}. | Remove the account {username}
= status enum deleted/ok
# invoices
create make issue / invoice bill : Create an invoice
customer client company : company ; amount total sum : num 10 2000 ; ?due_date due : date
> Create an invoice for {customer} over {amount}[, due {due_date}]. | Bill {customer} {amount}[ due on {due_date}]
= number id
get find / invoice bill : Get an invoice
number invoice_id id : id
> Show me invoice {number}. | What is in the bill {number}? | Find the invoice {number}
= customer company ; total num 10 900 ; paid enum yes/no
# bank
transfer send / money payment : Send money to a person
to recipient payee : person ; amount sum value : num 5 900 ; ?note reference memo : noun
> Send {amount} to {to}[ for the {note}]. | Transfer {amount} dollars to {to}[, note {note}]. | Pay {to} {amount}
= status enum done/pending ; balance num 5 9000
get check show / balance account_balance : Balance of an account
account account_id name : enum savings/checking/credit
> What is my {account} balance? | How much is on the {account} account? | Check {account}
= balance num 5 9000
# survey
create make / poll vote survey : Create a poll
question title : message ; options choices answers : list noun
> Make a poll "{question}" with the options {options}. | Poll: "{question}" Choices: {options}
= id id
# meeting
book reserve find / meeting_room conference_room : Book a meeting room
start time from : time ; people seats capacity : int 2 30 ; ?projector screen : bool with a projector/without a projector
> Book a meeting room at {start} for {people} people[, {projector}]. | I need a room for {people} at {start}[ {projector}]
= room noun ; floor int 1 9
invite add / guest attendee : Invite a person to a meeting
meeting event title : event ; person name guest : person
> Invite {person} to {meeting}. | Add {person} to the {meeting}
= status enum invited/ok
# chat
post send / chat_message channel_message : Post in a channel
channel room group : noun ; text message content : message
> Post "{text}" in {channel}. | Send "{text}" to the channel {channel}. | Tell the {channel} channel: {text}
= status enum posted/ok
# images
resize scale / image picture photo : Resize a picture
file image path : file ; width w : int 50 2000 ; height h : int 50 2000 ; ?keep_ratio : bool keeping the ratio/ignoring the ratio
> Resize {file} to {width} by {height}[, {keep_ratio}]. | Make {file} {width} x {height}[ {keep_ratio}]
= file file
draw generate create / image picture art : Make a picture from a text
prompt description text : phrase ; ?style look : enum photo/cartoon/sketch/oil
> Draw {prompt}[ as {style}]. | Make a picture of {prompt}[ in {style} style] | Generate an image: {prompt}
= file file
# video
search find / videos clips : Find videos
query topic text : phrase ; ?max_minutes length limit : int 1 60
> Find videos about {query}[ of at most {max_minutes} minutes]. | Show me a clip on {query}[ under {max_minutes} minutes]
= title title ; minutes int 1 60
pause stop / video playback : Pause the video
> Pause the video. | Stop the film please | Hold on, pause it
= status enum paused/stopped
# books
find search / books library : Find books
author writer by : person ; ?year published : int 1900 2024
> Which books did {author} write[ in {year}]? | Find books by {author}[ from {year}]
= title title ; year int 1900 2024
borrow lend / book : Borrow a book
title book name : title ; ?days weeks : int 3 60
> Borrow {title}[ for {days} days]. | I want to lend the book {title}[ for {days} days]
= due date
# movies
get find / showtimes movie_times : When a film is shown
movie film title : title ; city place : city ; ?date day : day
> When is {movie} on in {city}[ {date}]? | Showtimes for {movie} in {city}[, {date}]
= time time ; cinema title
rate review / movie film : Rate a film
movie film title : title ; stars rating score : int 1 5
> Give {movie} {stars} stars. | Rate the film {movie} with {stars}
= status enum saved/ok
# sports
get check / score result match_result : Result of a team
team club name : company ; ?season year : int 2000 2025
> How did {team} play[ in {season}]? | Score of {team}[, season {season}] | Did {team} win?
= score id ; opponent company
# math
calculate compute / area rectangle_area : Area of a rectangle
width a w : int 2 99 ; height b h : int 2 99
> What is the area of a rectangle {width} by {height}? | Compute the area: width {width}, height {height}
= area int 4 9801
compute calculate / mean average : Mean of numbers
numbers values data : ints 1 99
> What is the mean of {numbers}? | Average of {numbers} please
= mean num 1 99
pick draw / random_number : Random number in a range
low min from : int 0 9 ; high max to : int 10 999
> Give me a random number between {low} and {high}. | Pick a number from {low} to {high}
= number int 0 999
# units
convert change / units measure : Convert a measure
value amount number : num 1 500 ; from_unit source from : enum km/miles/kg/pounds/liters/gallons ; to_unit target to : enum km/miles/kg/pounds/liters/gallons
> Convert {value} {from_unit} to {to_unit}. | How many {to_unit} are {value} {from_unit}?
= result num 1 900
# health
book make / doctor_appointment visit : Make an appointment with a doctor
doctor name physician : person ; date day : date ; ?reason problem : enum checkup/cough/fever/back pain
> Make an appointment with Dr. {doctor} on {date}[ for {reason}]. | I want to see Dr. {doctor} on {date}[, reason {reason}]
= time time
log record / symptom : Record a symptom
symptom name : enum headache/cough/fever/rash ; severity level : int 1 10
> I have a {symptom}, {severity} out of 10. | Log a {symptom} with severity {severity}
= status enum saved/ok
# plants
water / plant flower : Water a plant
plant name flower : noun ; milliliters ml amount : int 50 900
> Water the {plant} with {milliliters} ml. | Give the {plant} {milliliters} ml of water
= moisture int 10 90
# car
lock unlock secure / car vehicle : Lock or unlock the car
locked lock state : bool Lock/Unlock
> {locked} the car. | {locked} my car please
= status enum ok/done
charge / car vehicle : Charge the car
target percent level : int 30 100 ; ?start_time from at : time
> Charge the car to {target} percent[ from {start_time}]. | Load the car battery up to {target}[, start at {start_time}]
= minutes int 10 400
find get / fuel charging_station : Find a place to fill up
city near location : city ; ?kind type : enum petrol/diesel/electric
> Where can I fill up in {city}?[ It is {kind}.] | Find a station near {city}[, {kind}]
= name title ; price num 1 3
# vacuum
start run / vacuum robot_cleaner : Start the robot cleaner
rooms areas zones : list enum kitchen/hall/bedroom/office ; ?power strength : enum quiet/normal/turbo
> Clean the {rooms}[ in {power} mode]. | Vacuum the {rooms}[, {power}]
= minutes int 5 90
# doors
lock close / door gate : Lock a door
door name which : enum front/back/garage/side
> Lock the {door} door. | Is the {door} door locked? Lock it. | Please close the {door} door
= status enum locked/ok
# oven
start heat set / oven : Start the oven
temperature degrees heat : int 80 250 ; ?minutes duration time : int 5 120
> Heat the oven to {temperature}[ for {minutes} minutes]. | Oven at {temperature} degrees[, {minutes} minutes]
= status enum heating/on
# coffee
make brew prepare / coffee drink : Make a coffee
kind type drink : enum espresso/latte/cappuccino/americano ; ?cups count amount : int 1 6 ; ?milk with_milk : bool with milk/without milk
> Make [{cups} ]{kind}[ {milk}] please. | I would like a {kind}[ {milk}].
= ready time
# jobs
search find / jobs vacancies : Search jobs
title role job : job ; city location place : city ; ?remote home_office : bool remote/on site
> Find jobs as {title} in {city}[, {remote}]. | Is there work for a {title} in {city}?[ It should be {remote}.]
= company company ; salary int 1000 9000
apply / job vacancy : Apply for a job
job_id id number : id ; name applicant : person ; ?start_date start : date
> Apply for {job_id} as {name}[, start {start_date}]. | {name} wants the job {job_id}[ from {start_date}]
= status enum received/ok
# homes
search find / apartments flats homes : Search flats
city location place : city ; max_rent price budget : int 300 3000 ; ?rooms bedrooms : int 1 6 ; ?balcony : bool with a balcony/without a balcony
> Find a flat in {city} up to {max_rent}[ with {rooms} rooms][, {balcony}]. | I look for a home in {city}, at most {max_rent}[, {rooms} rooms]
= address address ; rent int 300 3000
# pets
find adopt / pet animal : Find a pet to adopt
kind species animal : enum dog/cat/rabbit/hamster ; ?max_age age : int 1 12
> I want to adopt a {kind}[ up to {max_age} years old]. | Find me a {kind}[, at most {max_age} years]
= name first ; age int 1 12
# school
get show / homework : Homework for a class
subject course class : enum math/history/biology/art/music ; ?week : int 1 40
> What is the {subject} homework[ for week {week}]? | Show my {subject} homework[, week {week}]
= task title ; due day
grade mark / essay test exam : Grade a student's work
student name pupil : person ; points score grade : int 1 100
> Give {student} {points} points. | {student} gets {points}.
= status enum saved/ok
# printer
print / file document : Print a file
file document path : file ; copies count amount : int 1 20 ; ?color in_color : bool in color/in black and white
> Print {copies} copies of {file}[ {color}]. | {file}, {copies} times on paper please[, {color}]
= pages int 1 99
# space
get find / planet_facts planet : Facts about a planet
planet name : enum Mars/Venus/Jupiter/Saturn/Mercury/Neptune
> Tell me about {planet}. | Facts about {planet} please
= moons int 0 90 ; day_hours int 9 500
# insurance
file submit / claim : File a claim
policy_number policy contract : id ; amount damage value : num 50 5000 ; ?date when : date
> File a claim of {amount} for policy {policy_number}[, it was on {date}]. | Claim {amount} under {policy_number}
= claim_id id
# charity
donate give / donation gift : Donate to a cause
cause charity to : company ; amount sum : int 5 500 ; ?monthly recurring : bool every month/once
> Donate {amount} to {cause}[ {monthly}]. | Give {amount} dollars to {cause}[, {monthly}]
= receipt id
# parking
find search / parking parking_spot : Find parking
location near city : city ; hours duration : int 1 12 ; ?covered indoor : bool covered/open air
> Find parking in {location} for {hours} hours[, {covered}]. | I need to park in {location}, {hours} hours[ {covered}]
= name title ; price num 1 30
# laundry
start run / washing_machine laundry wash : Start the washing machine
program mode : enum cotton/wool/quick/delicate ; ?temperature degrees : int 20 90
> Wash with {program}[ at {temperature} degrees]. | Start the laundry, {program}[, {temperature} degrees]
= minutes int 20 180
# podcast
subscribe follow / podcast show : Subscribe to a podcast
name title podcast : title
> Subscribe to {name}. | I want to follow the podcast {name}
= episodes int 3 400
# blog
publish post / article blog_post : Publish an article
title headline : title ; body text content : message ; ?draft : bool as a draft/right away
> Publish "{title}" with the text "{body}"[ {draft}]. | New article: {title}. Text: "{body}"[ {draft}]
= url url
# crm
add create / lead customer : Add a customer
company customer name : company ; contact person : person ; ?value deal_size budget : int 1000 90000
> Add the customer {company}, contact {contact}[, worth {value}]. | New lead: {company} with {contact}[, {value} dollars]
= id id
# sensors
read get / sensor measurement : Read a sensor
sensor sensor_id id name : id ; ?hours last : int 1 48
> What does the sensor {sensor} say?[ Last {hours} hours.] | Read {sensor}[ for the last {hours} hours]
= value num 0 99 ; unit enum C/V/A/bar
# tax
estimate compute / tax income_tax : Estimate the tax
income salary amount : int 10000 200000 ; country place where : country ; ?married : bool married/single
> How much tax is on {income} in {country}[, {married}]? | Tax for {income} in {country}[ when {married}]
= tax int 1000 90000
"""
